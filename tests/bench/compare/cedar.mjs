// CEL conditions as Cedar ones, as far as the shipped rules go: facts in the context, a role held in
// an organisation as a record in a set, the roles held anywhere as a set of their own. What is not
// known here is an error, never left out.

import { parse } from "@bufbuild/cel";

const kBinary = {
  "_&&_": "&&", "_||_": "||", "_==_": "==", "_!=_": "!=",
  "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "_-_": "-",
};
const kDecimal = { ">=": "greaterThanOrEqual", "<": "lessThan" };

const callOf = (expr) => (expr.exprKind.case === "callExpr" ? expr.exprKind.value : undefined);

function constant({ constantKind: { case: kind, value } }) {
  if (kind === "stringValue") return JSON.stringify(value);
  if (kind === "doubleValue") return `decimal("${value.toFixed(1)}")`;
  return String(value);
}

// The numbers in a list, or in a sum of lists.
function numbersOf(expr) {
  if (expr.exprKind.case === "listExpr") {
    return expr.exprKind.value.elements.map((element) => constant(element.exprKind.value));
  }
  const call = callOf(expr);
  if (call?.function === "_+_") return call.args.flatMap(numbersOf);
  throw new Error(`not a list: ${JSON.stringify(expr.exprKind.case)}`);
}

function operandsOf(name, expr) {
  const call = callOf(expr);
  return call?.function === name ? call.args.flatMap((arg) => operandsOf(name, arg)) : [expr];
}

// roles.exists(r, r.role in numbers && r.organisation_id == organisation), either part or both.
function exists({ iterRange, iterVar, loopStep }) {
  const range = iterRange.exprKind.value;  // actor.roles or account.roles
  const holder = `context.${range.operand.exprKind.value.name}`;
  let numbers;
  let organisation;
  for (const part of operandsOf("_&&_", callOf(loopStep).args[1])) {
    const { function: name, args: [left, right] } = callOf(part);
    const field = left.exprKind.value;
    if (field.operand?.exprKind.value.name !== iterVar) throw new Error("not about a role");
    if (field.field === "organisation_id") organisation = toCedar(right);
    else numbers = name === "@in" ? numbersOf(right) : [constant(right.exprKind.value)];
  }
  if (organisation === undefined) return `${holder}.held.containsAny([${numbers.join(", ")}])`;
  const grants = numbers.map((role) => `{"role": ${role}, "organisation_id": ${organisation}}`);
  return `${holder}.roles.containsAny([${grants.join(", ")}])`;
}

function call({ function: name, args }) {
  if (name === "!_") return `!(${toCedar(args[0])})`;
  if (name === "_?_:_") {
    const [condition, then, otherwise] = args.map(toCedar);
    return `(if ${condition} then ${then} else ${otherwise})`;
  }
  if (name === "@in") {
    return args[1].exprKind.case === "selectExpr"
      ? `${toCedar(args[1])}.contains(${toCedar(args[0])})`
      : `[${numbersOf(args[1]).join(", ")}].contains(${toCedar(args[0])})`;
  }
  const operator = kBinary[name];
  if (operator === undefined) throw new Error(`no Cedar for ${name}`);
  const [left, right] = args.map(toCedar);
  if (right.startsWith("decimal(")) return `${left}.${kDecimal[operator]}(${right})`;
  return `(${left} ${operator} ${right})`;
}

function toCedar({ exprKind: { case: kind, value } }) {
  switch (kind) {
    case "constExpr":
      return constant(value);
    case "identExpr":
      return `context.${value.name}`;
    case "selectExpr":
      return value.testOnly ? `(${toCedar(value.operand)} has ${value.field})`
                            : `${toCedar(value.operand)}.${value.field}`;
    case "callExpr":
      return call(value);
    case "comprehensionExpr":
      return exists(value);
    default:
      throw new Error(`no Cedar for ${kind}`);
  }
}

const conditionOf = (text) => toCedar(parse(text).expr);

// Cedar policies for one action's rules.
export function cedarFor(action, { permits, requires }) {
  const head = `(principal, action == Action::"${action}", resource)`;
  return [
    ...permits.map((when) => `permit${head} when { ${conditionOf(when)} };`),
    ...requires.map(({ when, that }) =>
      `forbid${head} when { ${conditionOf(when)} && !(${conditionOf(that)}) };`),
  ].join("\n");
}
