// A list of blobs is XML, and most control characters cannot stand in it: after one such name nobody can list the container.
// The real storage refuses these names. Loaded before Azurite (node -r), this does, too.
const { Server } = require("node:http");
const UNLISTABLE = /%(0[0-8bcef]|1[0-9a-f]|ef%bf%b[ef])/i;
const emit = Server.prototype.emit;
Server.prototype.emit = function (event, request, response, ...rest) {
  if (event !== "request" || request.method !== "PUT" || !UNLISTABLE.test(request.url.split("?")[0])) {
    return emit.call(this, event, request, response, ...rest);
  }
  response.writeHead(400, { "x-ms-error-code": "InvalidUri" }).end();
  return true;
};
