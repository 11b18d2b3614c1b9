// Azurite loads its telemetry client even with --disableTelemetry, but then calls nothing of it.
module.exports = {};
