/** Does what a node is asked: each method by the directory, its store and its tree. */
import type { NodeDirectory } from '../dir/open.ts'
import type { Service } from './protocol.ts'
import { sayingRoot } from './own-words.ts'
import { accessService } from './service-access.ts'
import { fileService } from './service-file.ts'
import { rootService } from './service-root.ts'

/** @param connections  how many there are, for the status. */
export function serviceOf(directory: NodeDirectory, connections = () => 1): Service {
  return sayingRoot(directory, {
    ...rootService(directory, connections),
    ...fileService(directory),
    ...accessService(directory),
  })
}
