// One table: P7's decisions by Gatehouse and by other policy engines, in the same run, over the same
// 100,000 varied requests. See README.md for what is included.
//
//   node compare.mjs [directory with policy_bench and policy_export] [passes]

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { celEnv, parse as parseCel, plan, unparse } from "@bufbuild/cel";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { evaluate, parse as parseCelJs } from "cel-js";

import { cedarFor } from "./cedar.mjs";
import { expressionFor, nest, rulesFor } from "./rules.mjs";

const directory = process.argv[2] ?? "../../../build/release/bin";
const passes = Number(process.argv[3] ?? 3);

// Calls `make(key)` once a key.
function remembering(make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
}

const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;

// Each gives, for a request, a function that decides it and does nothing else: all that can be
// prepared before a request comes, and its facts in the form the engine likes best, is prepared.

function bufbuildCel(exported) {
  const env = celEnv();
  const programFor = remembering((action) => plan(env, parseCel(expressionFor(action, exported))));
  const toCel = (value) => {
    if (typeof value === "number") return BigInt(value);
    if (Array.isArray(value)) return value.map(toCel);
    if (value === null || typeof value !== "object") return value;
    return new Map(Object.entries(value).map(([name, field]) => [name, toCel(field)]));
  };
  return ({ action, facts }) => {
    const program = programFor(action);
    const bindings = Object.fromEntries(toCel(nest(facts)));
    return () => program(bindings) === true;
  };
}

// cel-js evaluates both sides of ||, also where the right one fails; ?: it takes as meant.
function withoutOr(expression) {
  const parsed = parseCel(expression);
  const rewrite = (expr) => {
    const { case: kind, value } = expr.exprKind;
    if (kind !== "callExpr") return;
    value.args.forEach(rewrite);
    if (value.function !== "_||_") return;
    value.function = "_?_:_";
    value.args = [value.args[0], parseCel("true").expr, value.args[1]];
  };
  rewrite(parsed.expr);
  return unparse(parsed);
}

function celJs(exported) {
  const treeFor = remembering((action) => {
    const parsed = parseCelJs(withoutOr(expressionFor(action, exported)));
    if (!parsed.isSuccess) throw new Error(parsed.errors.join("\n"));
    return parsed.cst;
  });
  return ({ action, facts }) => {
    const tree = treeFor(action);
    const bindings = nest(facts);
    return () => evaluate(tree, bindings) === true;
  };
}

function cedarWasm(exported) {
  const policySetFor = remembering((action) => {
    const staticPolicies = cedarFor(action, rulesFor(action, exported));
    const answer = cedar.preparsePolicySet(action, { staticPolicies });
    if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
    return action;
  });
  const holding = (person) => ({ ...person, held: person.roles.map(({ role }) => role) });
  return ({ action, facts }) => {
    const context = nest(facts);
    context.actor = holding(context.actor);
    context.account = holding(context.account);
    const call = {
      principal: { type: "User", id: "actor" },
      action: { type: "Action", id: action },
      resource: { type: "Account", id: "account" },
      context,
      entities: [],
      preparsedPolicySetId: policySetFor(action),
    };
    return () => {
      const { response } = cedar.statefulIsAuthorized(call);
      return response.decision === "allow";
    };
  };
}

function check(name, decisions, requests) {
  const wrong = requests.findIndex(({ allowed }, i) => decisions[i]() !== allowed);
  if (wrong >= 0) {
    throw new Error(`${name} answers otherwise: ${JSON.stringify(requests[wrong], null, 1)}`);
  }
}

// CPU nanoseconds a decision, of this process and all its threads.
function measure(decisions) {
  const before = process.cpuUsage();
  for (const decide of decisions) decide();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / decisions.length;
}

const medianOf = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function gatehouse() {
  const temporary = mkdtempSync(join(tmpdir(), "policy-"));
  const file = join(temporary, "bench.json");
  execFileSync(join(directory, "policy_bench"), [
    "--benchmark_filter=^BM_(Allows|AllowsFromMemory|DecideAllowed|DecideRefusedWithExplanation)(/0)?$",
    `--benchmark_repetitions=${passes}`,
    "--benchmark_report_aggregates_only=true",
    `--benchmark_out=${file}`,
  ], { stdio: "ignore" });
  // A variation of nothing is written as NaN, which is no JSON.
  const measured = JSON.parse(readFileSync(file, "utf8").replace(/: -?nan\b/gi, ": null"));
  rmSync(temporary, { recursive: true });
  const what = {
    "BM_Allows/0": "Gatehouse, allowed or not; facts at hand",
    "BM_AllowsFromMemory/0": "Gatehouse, allowed or not; facts from memory",
    "BM_DecideAllowed": "Gatehouse, whole decision, allowed",
    "BM_DecideRefusedWithExplanation": "Gatehouse, refused, explained, with eligible time",
  };
  return measured.benchmarks
    .filter(({ aggregate_name: name }) => name === "median")
    .map(({ run_name: name, cpu_time: nanoseconds }) => [what[name], nanoseconds]);
}

const exported = JSON.parse(
  execFileSync(join(directory, "policy_export"), { encoding: "utf8", maxBuffer: 1 << 30 }));
const { requests } = exported;
const rows = gatehouse();
for (const [name, engine] of [
  ["@bufbuild/cel", bufbuildCel],
  ["cel-js", celJs],
  ["@cedar-policy/cedar-wasm", cedarWasm],
]) {
  const decisions = requests.map(engine(exported));
  check(name, decisions, requests);
  const costs = Array.from({ length: passes }, () => measure(decisions));
  rows.push([`${name} ${versionOf(name)}`, medianOf(costs)]);
}
const base = rows[0][1];
console.log(`${requests.length} requests, answers checked; CPU ns a decision, median of ${passes}`);
for (const [name, nanoseconds] of rows) {
  console.log(
    `${name.padEnd(54)}${nanoseconds.toFixed(0).padStart(9)}${(nanoseconds / base).toFixed(1).padStart(9)} x`);
}
