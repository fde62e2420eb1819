/** A tree as plain objects in memory, as simple as can be: what `Tree` is compared with. */

export type Outcome = { readonly value: unknown } | { readonly code: string }

type File = { kind: 'file'; mode: number; bytes: Buffer; links: number }
type Directory = { kind: 'directory'; mode: number; names: Map<string, Thing> }
type Symlink = { kind: 'symlink'; target: string }
type Thing = File | Directory | Symlink

class Refused extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

const refuse = (code: string): never => {
  throw new Refused(code)
}

export class Model {
  readonly #root: Directory = { kind: 'directory', mode: 0o755, names: new Map() }

  async mkdir(path: string): Promise<void> {
    this.#add(path, { kind: 'directory', mode: 0o755, names: new Map() })
  }

  async writeFile(path: string, bytes: Uint8Array): Promise<void> {
    const there = this.#find(path, true)
    if (!there)
      return this.#add(path, { kind: 'file', mode: 0o644, bytes: Buffer.from(bytes), links: 1 })
    this.#file(there).bytes = Buffer.from(bytes)
  }

  async openFile(path: string) {
    const file = this.#file(this.#find(path, true) ?? refuse('TREE_NOT_FOUND'))
    const grow = (size: number) => {
      if (size > file.bytes.length)
        file.bytes = Buffer.concat([file.bytes, Buffer.alloc(size - file.bytes.length)])
    }
    return {
      async write(at: number, bytes: Uint8Array) {
        if (bytes.length === 0) return
        grow(at + bytes.length)
        file.bytes = Buffer.from(file.bytes)
        file.bytes.set(bytes, at)
      },
      async truncate(size: number) {
        grow(size)
        file.bytes = file.bytes.subarray(0, size)
      },
      async close() {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const [thing, old, name] = this.#named(from)
    const [directory, newName] = this.#parent(to)
    if (this.#way(to).includes(thing)) refuse('TREE_INTO_ITSELF')
    const there = directory.names.get(newName)
    if (there === thing) return
    if (there) {
      if (there.kind !== 'directory' && thing.kind === 'directory') refuse('TREE_NOT_DIRECTORY')
      if (there.kind === 'directory') {
        if (thing.kind !== 'directory') refuse('TREE_EXISTS')
        if (there.names.size > 0) refuse('TREE_NOT_EMPTY')
      }
      this.#unlink(directory, newName)
    }
    old.names.delete(name)
    directory.names.set(newName, thing)
  }

  async link(path: string, to: string): Promise<void> {
    const [thing] = this.#named(path)
    if (thing.kind !== 'file') return refuse('TREE_LINKS')
    this.#add(to, thing)
    thing.links++
  }

  async symlink(target: string, path: string): Promise<void> {
    this.#add(path, { kind: 'symlink', target })
  }

  async readlink(path: string): Promise<string> {
    const [thing] = this.#named(path)
    return thing.kind === 'symlink' ? thing.target : refuse('TREE_NOT_SYMLINK')
  }

  async remove(path: string, { recursive = false } = {}): Promise<void> {
    const [thing, directory, name] = this.#named(path)
    if (thing.kind === 'directory') {
      if (thing.names.size > 0 && !recursive) refuse('TREE_NOT_EMPTY')
      this.#empty(thing)
    }
    this.#unlink(directory, name)
  }

  async setAttributes(path: string, { mode }: { mode?: number }): Promise<void> {
    const thing = this.#find(path, true) ?? refuse('TREE_NOT_FOUND')
    if (thing.kind !== 'symlink') thing.mode = mode!
  }

  picture(directory: Directory = this.#root, path = '/ROOT'): unknown[] {
    const names = [...directory.names].sort(([a], [b]) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    )
    return names.flatMap(([name, thing]) => {
      const at = `${path}/${name}`
      if (thing.kind === 'directory') return [[at, thing.mode], ...this.picture(thing, at)]
      if (thing.kind === 'symlink') return [[at, thing.target]]
      return [[at, thing.mode, thing.links, thing.bytes.toString('base64')]]
    })
  }

  #empty(directory: Directory): void {
    for (const [name, thing] of [...directory.names]) {
      if (thing.kind === 'directory') this.#empty(thing)
      this.#unlink(directory, name)
    }
  }

  #unlink(directory: Directory, name: string): void {
    const thing = directory.names.get(name)!
    if (thing.kind === 'file') thing.links--
    directory.names.delete(name)
  }

  #file(thing: Thing): File {
    return thing.kind === 'file' ? thing : refuse('TREE_NOT_FILE')
  }

  #add(path: string, thing: Thing): void {
    const [directory, name] = this.#parent(path)
    if (directory.names.has(name)) refuse('TREE_EXISTS')
    directory.names.set(name, thing)
  }

  /** What has a name, not followed, with its directory and that name. */
  #named(path: string): [Thing, Directory, string] {
    const [directory, name] = this.#parent(path)
    return [directory.names.get(name) ?? refuse('TREE_NOT_FOUND'), directory, name]
  }

  #parent(path: string): [Directory, string] {
    const names = path.split('/')
    const name = names.pop()!
    const directory = this.#find(names.join('/'), true) ?? refuse('TREE_NOT_FOUND')
    return directory.kind === 'directory' ? [directory, name] : refuse('TREE_NOT_DIRECTORY')
  }

  /** The directories on the way to the last name. */
  #way(path: string): Thing[] {
    return this.#walk(path.split('/').slice(0, -1).join('/'), true) ?? refuse('TREE_NOT_FOUND')
  }

  #find(path: string, follow: boolean): Thing | undefined {
    return this.#walk(path, follow)?.at(-1)
  }

  #walk(path: string, follow: boolean): Thing[] | undefined {
    let way: Thing[] = [this.#root]
    let names = path.split('/').slice(2)
    for (let links = 0; names.length > 0;) {
      const name = names.shift()!
      if (name === '') continue
      if (name === '..') {
        if (way.length > 1) way.pop()
        continue
      }
      const here = way.at(-1)!
      if (here.kind !== 'directory') return refuse('TREE_NOT_DIRECTORY')
      const next = here.names.get(name)
      if (!next) return undefined
      if (next.kind !== 'symlink' || (names.length === 0 && !follow)) {
        way.push(next)
        continue
      }
      if (++links > 40) return refuse('TREE_LOOP')
      if (next.target.startsWith('/')) {
        way = [this.#root]
        names = [...next.target.split('/').slice(2), ...names]
      } else names = [...next.target.split('/'), ...names]
    }
    return way
  }
}
