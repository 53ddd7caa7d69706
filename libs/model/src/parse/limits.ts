/** Most UTF-16 units of one text of manifests; 20 Mi units are 20 MiB for ASCII. */
export const MANIFEST_LENGTH_MAX = 20 * 1024 * 1024;

/**
 * Most UTF-16 units of a text that needs the whole of YAML, whose reader takes some microseconds for
 * each: anchors, tags, text over several lines.
 */
export const WHOLE_YAML_LENGTH_MAX = 4 * 1024 * 1024;

/** Most levels of lists and maps within each other. */
export const MANIFEST_DEPTH_MAX = 200;

/**
 * Most values that aliases (`*name`) may add to one document: a few lines could else fill the
 * memory.
 */
export const ALIAS_VALUES_MAX = 100_000;

/** Most problems reported for one text; what follows is seldom worth reading. */
export const PROBLEMS_MAX = 200;

/** What is said of a text that goes beyond `MANIFEST_DEPTH_MAX`. */
export const TOO_DEEP = `more than ${MANIFEST_DEPTH_MAX} levels of lists and maps; flatten it`;
