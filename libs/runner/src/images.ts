/** What an image starts when the manifest names no command: the image's ENTRYPOINT and CMD. */
export interface ImageEntry {
  readonly entrypoint: readonly string[];
  /** Used when the manifest gives no args either. */
  readonly cmd: readonly string[];
}

export type ImageMap = Readonly<Record<string, ImageEntry>>;

const SHELL: ImageEntry = { entrypoint: [], cmd: ['sh'] };
const COW: ImageEntry = { entrypoint: [], cmd: ['cowsay'] };

/** Images that are known without asking a registry; configuration adds to these. */
export const DEFAULT_IMAGES: ImageMap = {
  'argoproj/argosay:v2': { entrypoint: ['/argosay'], cmd: [] },
  'argoproj/argosay:v1': COW,
  'docker/whalesay': COW,
  alpine: SHELL,
  busybox: SHELL,
  debian: { entrypoint: [], cmd: ['bash'] },
  ubuntu: { entrypoint: [], cmd: ['bash'] },
  bash: { entrypoint: [], cmd: ['bash'] },
  python: { entrypoint: [], cmd: ['python3'] },
  node: { entrypoint: [], cmd: ['node'] },
  'curlimages/curl': { entrypoint: ['curl'], cmd: [] },
};

/** The entry of an image: by full name, else by the name without registry, `library/`, digest and tag. */
export function imageEntry(images: ImageMap, image: string): ImageEntry | undefined {
  const short = image.replace(/^(docker\.io|quay\.io)\//, '').replace(/^library\//, '');
  const untagged = short.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  return images[image] ?? images[short] ?? images[untagged];
}
