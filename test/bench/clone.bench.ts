/** What somebody waits for who has just cloned the project and types `npm start`. */
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { REPO } from '../../image/paths.ts'
import { getPage } from '../../image/qemu/page.ts'
import { endGroup, run, start } from '../../image/spawn.ts'
import { emptyCache, folder, removed } from './checkout.ts'

export const bench: Bench = {
  about: 'git clone and npm start, to the page; everything downloaded, nothing built, emulated',
  async run({ figure, say, signal }) {
    say('fetching what is missing, by building once')
    await run(join(REPO, 'image', 'bt'), ['build', '--goal', 'tools-qemu'], { signal })
    await run(join(REPO, 'image', 'bt'), ['build'], { signal })
    const here = folder()
    try {
      // The clone's own build folder; npm takes packages from its cache.
      const { BT_BUILD: _, ...env } = emptyCache(here)
      const clone = join(here, 'clone')
      say('git clone, npm start')
      const begun = performance.now()
      await run('git', ['clone', '--quiet', REPO, clone], { signal })
      const cloned = performance.now()
      const shown = await untilPage(clone, { ...env, npm_config_prefer_offline: 'true' }, signal)
      const seconds = (shown - begun) / 1000
      figure({ name: 'clone to page', value: seconds, unit: 's', target: 600 })
      figure({ name: 'of that, git clone', value: (cloned - begun) / 1000, unit: 's' })
    } finally {
      removed(here)
    }
  },
}

/** Runs `npm start`, gives the time when its page answered, and ends it as Ctrl-C does. */
async function untilPage(
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<number> {
  const child = start('npm', ['start', '--', '--tcg'], { cwd, env })
  const stop = () => endGroup(child, 'SIGINT')
  signal.addEventListener('abort', stop, { once: true })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const said: string[] = []
  try {
    return await new Promise((resolve, reject) => {
      const hear = async (line: string) => {
        said.push(line)
        const port = /^http:\/\/127\.0\.0\.1:(\d+)\/$/.exec(line)?.[1]
        if (port === undefined) return
        const { status } = await getPage(Number(port), '/', 60_000)
        if (status === 200) resolve(performance.now())
        else reject(new Error(`the page answers ${status}, 200 expected`))
      }
      for (const stream of [child.stdout!, child.stderr!])
        createInterface({ input: stream }).on('line', line => void hear(line).catch(reject))
      child.once('error', reject)
      void ended.then(code =>
        reject(new Error(`npm start ended with ${code}:\n${said.slice(-30).join('\n')}`)),
      )
    })
  } finally {
    stop()
    await ended
    signal.removeEventListener('abort', stop)
  }
}
