/**
 * The Debian locks that a build uses: one for the target's architecture, one for the machine that
 * builds (tools run here). Written anew when recipes ask for other packages, or when the archive no
 * longer has a locked version; both are said in a line, and refused under `--locked`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApt, type Apt, type DebArch } from '../debian/apt.ts'
import { changeLines, lockChanges } from '../debian/changes.ts'
import { lockInputs, staleRecipes, type LockInputs } from '../debian/inputs.ts'
import { formatLock, parseLock, type Lock } from '../debian/lock.ts'
import type { LockedPackage } from '../debian/package.ts'
import { relock } from '../debian/relock.ts'
import { newestVersions } from '../debian/resolve.ts'
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

  /**
   * Replaces locked versions that are gone by the archive's current ones and writes the lock.
   *
   * @throws {LockedError} `LOCK_GONE` under `locked`, with the versions wanted and available.
   */
  move(arch: DebArch, gone: readonly LockedPackage[]): Promise<void> {
    // Several recipes may find the same at once; the first one moves them all.
    const moved = this.#moving.then(() => this.#move(arch, gone))
    this.#moving = moved.catch(() => {})
    return moved
  }
  #moving: Promise<void> = Promise.resolve()

  async #move(arch: DebArch, gone: readonly LockedPackage[]): Promise<void> {
    const lock = this.#locks.get(arch)!
    const still = gone.filter(({ name, sha256 }) => lock.packages.get(name)?.sha256 === sha256)
    if (still.length === 0) return
    const apt = await this.apt(arch)
    await apt.update()
    const newest = await newestVersions(
      apt,
      still.map(({ name }) => name),
    )
    const names = still.map(({ name, version }) => {
      const now = newest.get(name)
      return `${name} ${version} (${now === undefined ? 'and no other' : `but ${now}`})`
    })
    if (this.#options.locked)
      throw new LockedError(
        'LOCK_GONE',
        `the archive no longer has ${names.join(', ')}: run bt lock --update, or build without --locked`,
      )
    const changes = changeLines(lockChanges(lock, await this.#renew(arch, lock)))
    const more = changes.length > 5 ? ` and ${changes.length - 5} more` : ''
    this.#options.line(
      `the archive no longer has ${still.map(({ name }) => name).join(', ')} as locked, now: ` +
        `${changes.slice(0, 5).join(', ')}${more}`,
    )
  }

  async #load(arch: DebArch): Promise<void> {
    const file = lockFile(arch)
    const lock = existsSync(file) ? parseLock(readFileSync(file, 'utf8'), file) : undefined
    if (lock !== undefined) this.#locks.set(arch, lock)
    const stale =
      lock === undefined ? ['all recipes'] : staleRecipes(lock, this.#inputs(arch, lock))
    if (stale.length === 0) return
    if (this.#options.locked)
      throw new LockedError(
        'LOCK_STALE',
        `${file} does not fit ${stale.join(', ')}: run bt lock --update, or build without --locked`,
      )
    this.#options.line(`locking Debian packages for ${stale.join(', ')}`)
    await (await this.apt(arch)).update()
    await this.#renew(arch, lock)
  }

  /** Resolves and writes the lock of an architecture; its apt is up to date. */
  async #renew(arch: DebArch, keep: Lock | undefined): Promise<Lock> {
    const apt = await this.apt(arch)
    const lock = await relock(apt, this.#inputs(arch, keep), keep && { keep })
    writeAtomic(lockFile(arch), formatLock(lock))
    this.#locks.set(arch, lock)
    return lock
  }

  /**
   * The recipes were evaluated for the target: of the lock of another architecture, that of the
   * machine that builds, only the tools are decided here, the rest stays as it is.
   */
  #inputs(arch: DebArch, lock: Lock | undefined): LockInputs {
    const all = lockInputs(this.#recipes.values())
    if (arch === this.#target) return all
    const others = [...(lock?.recipes ?? [])].filter(([, { kind }]) => kind !== 'tool')
    return new Map([...others, ...[...all].filter(([, { kind }]) => kind === 'tool')])
  }
}
