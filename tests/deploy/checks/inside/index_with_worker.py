"""usage: index_with_worker.py APP WORKER: the bindings of each function of an app, as that worker indexes them."""

import json
import os
import sys
from types import SimpleNamespace

app, worker = sys.argv[1:3]
os.chdir(app)
sys.path[:0] = [app, worker]

from azure_functions_runtime import loader  # noqa: E402
from azure_functions_runtime.bindings import meta  # noqa: E402
from azure_functions_runtime.functions import Registry  # noqa: E402


class BindingInfo(SimpleNamespace):
    """The message of the worker's protocol (FunctionRpc.proto), as far as indexing uses it."""

    out, inout, undefined = 1, 2, 0


protocol = SimpleNamespace(
    BindingInfo=BindingInfo, RpcFunctionMetadata=SimpleNamespace, RpcRetryOptions=SimpleNamespace
)
meta.load_binding_registry()
functions = loader.index_function_app("function_app.py")
found, _ = loader.process_indexed_function(protocol, Registry(), functions, app)
json.dump({one.name: [json.loads(raw) for raw in one.raw_bindings] for one in found}, sys.stdout)
