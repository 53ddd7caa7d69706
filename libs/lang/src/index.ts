export { langError, type LangError } from './error.ts';
export {
  compileExpr,
  evaluateExpr,
  EXPR_SOURCE_UNITS_MAX,
  EXPR_STEPS_MAX,
  EXPR_TEXT_UNITS_MAX,
  ExprDuration,
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
