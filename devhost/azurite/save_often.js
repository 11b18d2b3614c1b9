// Azurite writes its index of blobs and messages every five seconds: what is younger is lost when it is killed.
// Loaded before Azurite (node -r), this makes it five times a second; nothing is written when nothing has changed.
const Loki = require("lokijs");

const configureOptions = Loki.prototype.configureOptions;
Loki.prototype.configureOptions = function (options, initial) {
  const often = options && options.autosave ? { ...options, autosaveInterval: 200 } : options;
  return configureOptions.call(this, often, initial);
};
