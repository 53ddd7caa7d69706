export { envFromNames } from './env.ts';
export {
  parseTemplate,
  TAG_DEPTH_MAX,
  tagsOf,
  type ParsedTag,
  type ParsedTemplate,
  type TemplateTag,
} from './parse.ts';
export { renderTemplate, type RenderOptions, type TemplateScope } from './render.ts';
