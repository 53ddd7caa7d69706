export { goJson, goJsonString, parseJson, type GoJsonOptions } from './json.ts';
export { compareText, goFloatText, goValueText, isGoMap, plainText, sortedKeys } from './print.ts';
export { goQuote } from './quote.ts';
export { isEmptyValue, kindOfValue, typeNameOf } from './type.ts';
