// The real SignalR client: connects, says so, and prints each message that comes as one line of JSON.
import { createRequire } from "node:module";
const signalR = createRequire(process.cwd() + "/")("@microsoft/signalr");

const { url, token, headers } = JSON.parse(process.argv[2]);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const connection = new signalR.HubConnectionBuilder()
  .withUrl(url, { headers, ...(token ? { accessTokenFactory: () => token } : {}) })
  .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 200 })
  .configureLogging(signalR.LogLevel.None)
  .build();
for (const target of ["MediaProcessingProgress", "MediaProcessingComplete"]) {
  connection.on(target, (message) => say({ target, message }));
}
connection.onreconnecting(() => say({ state: "reconnecting" }));
connection.onreconnected(() => say({ state: "reconnected" }));
connection.onclose((error) => { say({ state: "closed", error: String(error ?? "") }); process.exit(0); });
process.stdin.on("data", () => connection.invoke("Anything").catch((error) => say({ state: "refused", error: String(error) })));
process.stdin.on("end", () => process.exit(0));
connection.start().then(() => say({ state: "connected" }), (error) => { say({ state: "failed", error: String(error) }); process.exit(1); });
