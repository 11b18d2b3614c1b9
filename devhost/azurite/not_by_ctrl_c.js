// Ctrl-C reaches every process of the terminal. The host ends Azurite when nobody needs it any more, by SIGTERM: two signals
// make it close twice, and complain. Loaded before Azurite (node -r), this keeps it from listening to the first.
const once = process.once;
process.once = function (event, ...rest) {
  return event === "SIGINT" ? this : once.call(this, event, ...rest);
};
process.on("SIGINT", () => {});
