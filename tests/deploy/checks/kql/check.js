// Parses KQL files against the tables in schema.json and prints a JSON list of problems.
// node check.js FOLDER-OF-NODE_MODULES FILE…
const fs = require("node:fs");
const path = require("node:path");

const [modules, ...files] = process.argv.slice(2);
const kusto = path.resolve(modules, "@kusto", "language-service-next");
require(path.join(kusto, "bridge.min.js"));
require(path.join(kusto, "Kusto.Language.Bridge.min.js"));
const { GlobalState, KustoCode, Symbols } = Kusto.Language;

const tables = JSON.parse(fs.readFileSync(path.join(__dirname, "schema.json"), "utf8"));
const symbols = Object.entries(tables).map(([name, columns]) =>
  Symbols.TableSymbol.From(`(${Object.entries(columns).map(([column, type]) => `${column}: ${type}`).join(", ")})`).WithName(name));
const database = new Symbols.DatabaseSymbol.$ctor1("logs", symbols);
const globals = GlobalState.Default.WithDatabase(database);

const problems = [];
for (const file of files) {
  const code = KustoCode.ParseAndAnalyze(fs.readFileSync(file, "utf8"), globals);
  const found = code.GetDiagnostics();
  for (let i = 0; i < found.Count; i++) {
    const one = found.getItem(i);
    if (one.Severity === "Error") problems.push(`${path.basename(file)}: ${one.Message} (at ${one.Start})`);
  }
}
console.log(JSON.stringify(problems));
