/** What the node says of its own tree: with the name that people use for it. */
import type { NodeDirectory } from '../dir/open.ts'
import type { Service } from './protocol.ts'

/** `text` with `/ROOT` for the path of the node's own tree. */
export function inOwnWords({ root }: Pick<NodeDirectory, 'root'>, text: string): string {
  return root === undefined ? text : text.replaceAll(`/${root}`, '/ROOT')
}

/** A service whose errors are in own words. */
export function sayingRoot(directory: Pick<NodeDirectory, 'root'>, service: Service): Service {
  type Serve = (params: unknown, call: unknown) => Promise<unknown>
  const saying =
    (serve: Serve): Serve =>
    async (params, call) => {
      try {
        return await serve(params, call)
      } catch (error) {
        if (error instanceof Error) error.message = inOwnWords(directory, error.message)
        throw error
      }
    }
  const all = Object.entries(service).map(([name, serve]) => [name, saying(serve as Serve)])
  return Object.fromEntries(all) as unknown as Service
}
