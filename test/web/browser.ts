/** The browser that web tests use: Debian's Chromium, driven by Playwright. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PLACES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

const executablePath = PLACES.find(path => path !== '' && existsSync(path))

/** Why web tests can't run here; false when they can. */
export const noBrowser: string | false =
  executablePath === undefined && 'no Chromium here: apt-get install chromium, or set CHROMIUM'

export function launch(): Promise<Browser> {
  // Chromium's own sandbox refuses to run as root, and these pages are ours.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: executablePath!, args })
}
