"""A second app, only for devhost's tests: registers the parts, nothing else."""

import azure.durable_functions as df
import azure.functions as func
import starters

import activities
import orchestrators

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

for part in (activities, orchestrators, starters):
    app.register_functions(part.bp)
