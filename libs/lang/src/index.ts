export { langError, type LangError } from './error.ts';
export {
  compileExpr,
  evaluateExpr,
  EXPR_SOURCE_UNITS_MAX,
  EXPR_STEPS_MAX,
  EXPR_TEXT_UNITS_MAX,
  ExprDuration,
  ExprTime,
  exprValueToJson,
  exprValueToText,
  identifiersOf,
  type ExprOptions,
  type ExprProgram,
  type ExprValue,
} from './expr/index.ts';
export {
  envFromNames,
  parseTemplate,
  renderTemplate,
  TAG_DEPTH_MAX,
  tagsOf,
  type ParsedTag,
  type ParsedTemplate,
  type RenderOptions,
  type TemplateScope,
  type TemplateTag,
} from './template/index.ts';
export {
  compileGovaluate,
  evaluateGovaluate,
  evaluateWhen,
  WHEN_SOURCE_UNITS_MAX,
  type GovaluateLookup,
  type GovaluateProgram,
} from './when/index.ts';
export { sprigFunctions, type SprigFunction } from './sprig/index.ts';
export {
  gjsonGet,
  sjsonSet,
  type GjsonResult,
  type GjsonType,
  type SjsonValue,
} from './gjson/index.ts';
export {
  findJsonPath,
  printJsonPath,
  queryJsonPath,
  type JsonPathOptions,
} from './jsonpath/index.ts';
export {
  labelSelectorOf,
  matchesLabels,
  parseLabelSelector,
  type LabelRequirement,
  type LabelSelector,
  type LabelSelectorManifest,
} from './label-selector/index.ts';
export { goPrintf, type PrintfValue } from './printf/index.ts';
export { STRFTIME_LETTERS, strftime } from './strftime/index.ts';
export {
  isTimeZone,
  nextFireMs,
  parseCron,
  previousFireMs,
  type CronField,
  type CronOptions,
  type CronSchedule,
} from './cron/index.ts';
export {
  epochMsOf,
  formatGoTime,
  parseGoTime,
  RFC3339_LAYOUT,
  wallTimeAt,
  zoneOf,
  type WallFields,
  type WallTime,
  type Zone,
} from './gotime/index.ts';
export { base64Decode, base64Encode, sha1, sha256, utf8Bytes, utf8Text } from './bytes/index.ts';
export {
  compareText,
  goFloatText,
  goJson,
  goJsonString,
  goQuote,
  goValueText,
  type GoJsonOptions,
} from './govalue/index.ts';
export {
  executeGoTemplate,
  GO_TEMPLATE_UNITS_MAX,
  parseGoTemplate,
  renderGoTemplate,
  type GoTemplate,
  type GoTemplateOptions,
} from './gotemplate/index.ts';
export {
  LUA_SOURCE_UNITS_MAX,
  LUA_STEPS_MAX,
  runLua,
  type LuaAnswer,
  type LuaOptions,
} from './lua/index.ts';
export { JQ_SOURCE_UNITS_MAX, runJq, type JqAnswer } from './jq/index.ts';
