/**
 * What a recipe is: one typed literal that says how one package of the image (or one tool set of
 * the builder) is made. Recipes are data: no I/O, no environment, no clock. `docs/write-a-recipe.md`
 * explains every field with examples; `image/recipe/check.ts` refuses what does not fit.
 */
import type { Board } from '../board/board.ts'

/** What an evaluation is for. Fields of a recipe may be functions of it: `steps: ctx => [...]`. */
export type Context = {
  readonly board: Board
  /** Debian's name of the target architecture. */
  readonly arch: 'amd64' | 'arm64'
  /** `dev` images have consoles with a root login and store everything uncompressed. */
  readonly profile: 'dev' | 'release'
  /** Recipe that provides the kernel: `linux` (Debian's own) or `linux-router`. */
  readonly kernel: string
  /** Version of the image, semver, as systemd-boot sorts it. */
  readonly version: string
  /** Seconds since 1970 that every time stamp in the image shows: the release date. */
  readonly epoch: number
}

/** Where bytes come from; every kind is pinned by hash in a lock file or in the recipe itself. */
export type Source =
  /**
   * Debian packages with their closure, minus what the recipes in `needs` already carry. `only`
   * keeps those of the closure whose names match a glob, `without` drops some (here and in every
   * recipe that needs this one): those that just serve maintainer scripts, which never run.
   * Found as `$src/debian/*.deb`.
   */
  | {
      readonly debian: readonly string[]
      readonly only?: readonly string[]
      readonly without?: readonly string[]
    }
  /** One npm tarball, pinned by `package-lock.json`; unpacked by `unpack $src/npm/NAME.tgz`. */
  | { readonly npm: string }
  /** Files of this repository; globs relative to its top. Found under `$src/<path>`. */
  | { readonly files: readonly string[] }
  /** Anything else, by URL and SHA-256 in hex. Found as `$src/<basename of the URL>`. */
  | { readonly url: string; readonly sha256: string }

/** One line for `@yarnpkg/shell`. Refused at load: newline, `;`, `$$`, here-documents. */
export type Step = string

/** A value, or a function of the context that gives it. */
export type Of<T> = T | ((context: Context) => T)

export type Recipe = {
  /** Lower case, digits, hyphens; the file's own name without `.ts`. */
  readonly name: string
  /** One line for people: what the package is for. */
  readonly about: string
  /** `debian` when the version is that of the locked packages. */
  readonly version: Of<string>
  /** SPDX expression; `debian` when the packages' own copyright files say it. */
  readonly license: string
  /** `image` (default): goes into the root. `tool`: runs on the builder. `part`: input to others. */
  readonly kind?: 'image' | 'tool' | 'part'
  readonly sources?: Of<readonly Source[]>
  /** Recipes whose output is found under `$in/<name>`, read-only. */
  readonly needs?: Of<readonly string[]>
  /** Tool recipes whose programs are on the PATH of the steps. */
  readonly tools?: readonly string[]
  readonly steps: Of<readonly Step[]>
  /** Globs of paths below `$out`; each must match something and nothing else may be there. */
  readonly ships: Of<readonly string[]>
  /** Steps run after a build with the same variables; a failure refuses the output. */
  readonly check?: Of<readonly Step[]>
}

/** Gives a recipe literal its type. */
export function recipe(literal: Recipe): Recipe {
  return literal
}
