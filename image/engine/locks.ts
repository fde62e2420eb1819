/**
 * The Debian locks that a build uses: one for the target's architecture, one for the machine that
 * builds (tools run here). Written anew when recipes ask for other packages, or when the archive no
 * longer has a locked version; both are said in a line, and refused under `--locked`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApt, type Apt, type DebArch } from '../debian/apt.ts'
import { lockInputs, staleRecipes } from '../debian/inputs.ts'
import { formatLock, parseLock, type Lock } from '../debian/lock.ts'
import type { LockedPackage } from '../debian/package.ts'
import { relock } from '../debian/relock.ts'
import { REPO } from '../paths.ts'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import { writeAtomic } from './atomic.ts'

export class LockedError extends Error {
  readonly code: 'LOCK_STALE' | 'LOCK_GONE'
  constructor(code: LockedError['code'], message: string) {
    super(message)
    this.name = 'LockedError'
    this.code = code
  }
}

export type LocksOptions = { readonly locked?: boolean; line(text: string): void }

export const lockFile = (arch: DebArch) => join(REPO, `recipes/debian.${arch}.lock.json`)

/** Debian's name of the machine that builds. */
export const hostArch = (): DebArch => (process.arch === 'arm64' ? 'arm64' : 'amd64')

export class Locks {
  readonly #recipes: ReadonlyMap<string, EvaluatedRecipe>
  readonly #target: DebArch
  readonly #options: LocksOptions
  readonly #locks = new Map<DebArch, Lock>()
  readonly #apts = new Map<DebArch, Promise<Apt>>()

  private constructor(
    recipes: ReadonlyMap<string, EvaluatedRecipe>,
    target: DebArch,
    options: LocksOptions,
  ) {
    this.#recipes = recipes
    this.#target = target
    this.#options = options
  }

  /** @throws {LockedError} `LOCK_STALE` under `locked`, when recipes and lock do not agree. */
  static async open(
    recipes: ReadonlyMap<string, EvaluatedRecipe>,
    target: DebArch,
    options: LocksOptions,
  ): Promise<Locks> {
    const locks = new Locks(recipes, target, options)
    for (const arch of new Set([target, hostArch()])) await locks.#load(arch)
    return locks
  }

  of(recipe: EvaluatedRecipe): Lock {
    return this.#locks.get(this.arch(recipe))!
  }

  arch(recipe: EvaluatedRecipe): DebArch {
    return recipe.kind === 'tool' ? hostArch() : this.#target
  }

  /** Private apt of an architecture, opened when first asked for. */
  apt(arch: DebArch): Promise<Apt> {
    const open = this.#apts.get(arch) ?? openApt({ arch })
    this.#apts.set(arch, open)
    return open
  }

  /** Replaces locked versions that are gone by the archive's current ones and writes the lock. */
  async move(arch: DebArch, gone: readonly LockedPackage[]): Promise<void> {
    const names = gone.map(({ name, version }) => `${name} ${version}`).join(', ')
    if (this.#options.locked)
      throw new LockedError(
        'LOCK_GONE',
        `the archive no longer has ${names}: run bt lock --update, or build without --locked`,
      )
    this.#options.line(`the archive no longer has ${names}: taking its current versions`)
    await this.#renew(arch, this.#locks.get(arch))
  }

  async #load(arch: DebArch): Promise<void> {
    const file = lockFile(arch)
    const lock = existsSync(file) ? parseLock(readFileSync(file, 'utf8'), file) : undefined
    if (lock !== undefined) this.#locks.set(arch, lock)
    const stale =
      lock === undefined ? ['all recipes'] : staleRecipes(lock, lockInputs(this.#asking()))
    if (stale.length === 0) return
    if (this.#options.locked)
      throw new LockedError(
        'LOCK_STALE',
        `${file} does not fit ${stale.join(', ')}: run bt lock --update, or build without --locked`,
      )
    this.#options.line(`locking Debian packages for ${stale.join(', ')}`)
    await this.#renew(arch, lock)
  }

  async #renew(arch: DebArch, keep: Lock | undefined): Promise<void> {
    const apt = await this.apt(arch)
    await apt.update()
    const lock = await relock(apt, lockInputs(this.#asking()), keep && { keep })
    writeAtomic(lockFile(arch), formatLock(lock))
    this.#locks.set(arch, lock)
  }

  #asking(): EvaluatedRecipe[] {
    return [...this.#recipes.values()]
  }
}
