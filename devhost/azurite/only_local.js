// The emulator's key is known to everybody, so a web page could use it: by a name of its own that it points to this machine
// (Azurite takes the account from devstoreaccount1.any.name), or by a POST that needs no leave. Loaded before Azurite (node -r),
// this answers under the names of loopback only, and takes changes from pages there only.
const { Server } = require("node:http");
const LOCAL = /^(https?:)?\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;
const emit = Server.prototype.emit;
Server.prototype.emit = function (event, request, response, ...rest) {
  if (event !== "request") return emit.call(this, event, request, response, ...rest);
  const { host = "", origin } = request.headers;
  const changes = !["GET", "HEAD", "OPTIONS"].includes(request.method);
  if (LOCAL.test(`//${host}`) && !(changes && origin !== undefined && !LOCAL.test(origin))) {
    return emit.call(this, event, request, response, ...rest);
  }
  response.writeHead(421).end();
  return true;
};
