/** Serves the web app of a machine made of files, for browsers on this computer. */
import type { AddressInfo } from 'node:net'
import { createApp } from '../../node/http/app.ts'
import { readAsset } from '../../node/http/asset-source.ts'
import { loadAssets } from '../../node/http/assets.ts'
import { serve, type Listening } from '../../node/http/server.ts'
import { collectStatus } from '../../node/status/collect.ts'
import type { Status } from '../../node/status/status.ts'
import { makeMachine, ROUTER, ROUTER_ADDRESSES } from '../node/machine.ts'

/** A router as it should be. */
export const healthyStatus = (): Status =>
  collectStatus(
    makeMachine(ROUTER, () => ROUTER_ADDRESSES),
    '0.1.0',
  )

/** @param port  0 for any. */
export async function servePage(
  status: () => Status,
  port = 0,
): Promise<Listening & { readonly url: string; readonly port: number }> {
  const assets = await loadAssets(readAsset)
  const listening = await serve(createApp({ assets, status }), [{ host: '127.0.0.1', port }])
  const bound = (listening.addresses[0] as AddressInfo).port
  return { ...listening, url: `http://127.0.0.1:${bound}/`, port: bound }
}
