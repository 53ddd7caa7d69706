export { formatGoTime, RFC3339_LAYOUT } from './format.ts';
export { parseGoTime } from './parse.ts';
export {
  epochMsOf,
  wallTimeAt,
  zoneOf,
  type WallFields,
  type WallTime,
  type Zone,
} from './zone.ts';
