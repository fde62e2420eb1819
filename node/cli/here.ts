/** A node inside this process, for a verb that finds no daemon. */
import { duplexPair } from 'node:stream'
import { openDirectory } from '../dir/open.ts'
import { Client } from '../rpc/client.ts'
import { serve } from '../rpc/serve.ts'
import { serviceOf } from '../rpc/service.ts'
import { pipeOf } from '../rpc/wire.ts'

/** @throws {DirError}, {StoreError}, {CredentialError} as opening a directory does. */
export async function openHere(path: string) {
  const directory = await openDirectory(path)
  const [here, there] = duplexPair()
  const service = serviceOf(directory)
  const log = (event: string, detail: string) => {
    if (event === 'RPC_INTERNAL') process.stderr.write(`${detail}\n`)
  }
  const { ended } = serve(pipeOf(there), service, { log })
  const client = new Client(pipeOf(here))
  return {
    client,
    async close() {
      there.destroy()
      await ended
      await directory.close()
    },
  }
}
