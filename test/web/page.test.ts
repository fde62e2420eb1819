/** The web app's first page in a real browser, against the real server. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { collectStatus } from '../../node/status/collect.ts'
import type { Status } from '../../node/status/status.ts'
import { makeMachine, ROUTER } from '../node/machine.ts'
import { launch, noBrowser } from './browser.ts'
import { lowContrast } from './contrast.ts'
import { healthyStatus, servePage } from './page.ts'

const healthy = healthyStatus()
const bad = collectStatus(
  makeMachine({ ...ROUTER, 'proc/net/route': '', 'sys/class/tpm/x': '' }),
  '0.1.0',
)
const empty = collectStatus(makeMachine({}), '0.1.0')

describe('the first page', { skip: noBrowser, timeout: 60_000 }, () => {
  let browser: Browser
  let served: Awaited<ReturnType<typeof servePage>>
  let status: Status = healthy
  before(async () => {
    browser = await launch()
    served = await servePage(() => status)
  })
  after(async () => {
    await browser?.close()
    await served?.close(0)
  })

  /** Opens the page with a clock that the test moves; `faults` collects what the console says. */
  async function open(
    says: Status,
    options: BrowserContextOptions = {},
    prepare?: (page: Page) => unknown,
  ) {
    status = says
    const context = await browser.newContext(options)
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', message => faults.push(message.text()))
    page.on('pageerror', error => faults.push(error.message))
    await page.clock.install()
    await prepare?.(page)
    await page.goto(served.url)
    if (!prepare) await page.waitForSelector('#facts:not([aria-busy])')
    return { page, faults, close: () => context.close() }
  }
  const text = (page: Page, selector: string) => page.locator(selector).innerText()

  it('says that everything is fine, without a word on the console', async () => {
    const asked: string[] = []
    const { page, faults, close } = await open(healthy, {}, page =>
      page.on('request', request => asked.push(new URL(request.url()).origin)),
    )
    await page.waitForSelector('#facts:not([aria-busy])')
    assert.equal(await text(page, 'h1'), 'Everything is fine')
    assert.equal(await page.title(), 'Everything is fine · blocktree-7c1e')
    assert.match(await text(page, '#path-internet'), /203\.0\.113\.27/)
    assert.match(await text(page, '#path-home'), /10\.77\.0\.1/)
    const about = await text(page, '#about')
    for (const words of [
      '0.1.0',
      'A',
      'verified',
      'TPM 2.0',
      '3 days and 5 hours',
      '187 MB of 981 MB',
    ])
      assert.ok(about.includes(words), words)
    assert.deepEqual(new Set(asked), new Set([new URL(served.url).origin]))
    assert.deepEqual(faults, [])
    await close()
  })

  it('says in words what is not good', async () => {
    const { page, close } = await open(bad)
    assert.equal(await text(page, 'h1'), 'Two things to look at')
    const findings = await text(page, '#findings')
    assert.match(findings, /No Internet address yet/)
    assert.match(findings, /No home network/)
    await close()
  })

  it('refreshes itself every few seconds', async () => {
    const { page, close } = await open(healthy)
    status = bad
    await page.clock.runFor(5_000)
    await page.getByRole('heading', { name: 'Two things to look at' }).waitFor()
    await close()
  })

  it('keeps what it knows when the router is gone, says how old it is, and recovers', async () => {
    const { page, close } = await open(healthy)
    assert.match(await text(page, '#updated'), /Updated (just now|\d seconds ago)/)
    await served.close(0)
    for (let second = 0; second < 40; second++) {
      await page.clock.runFor(1_000)
      if (await page.locator('#stale').isVisible()) break
    }
    assert.match(await text(page, '#stale'), /does not answer\. What you see is how it was before/)
    await page.clock.runFor(130_000)
    assert.equal(await text(page, 'h1'), 'Everything is fine')
    assert.match(await text(page, '#updated'), /Updated 2 minutes ago/)
    served = await servePage(() => status, served.port)
    while (await page.locator('#stale').isVisible()) await page.clock.runFor(1_000)
    assert.match(await text(page, '#updated'), /Updated (just now|\d seconds ago)/)
    await close()
  })

  it('says that it waits, and that the router does not answer when it never did', async () => {
    let release = () => {}
    const held = new Promise<void>(resolve => (release = resolve))
    const { page, close } = await open(healthy, {}, page =>
      page.route('**/api/status', async route => {
        await held
        await route.abort()
      }),
    )
    assert.equal(await text(page, 'h1'), 'Asking your router…')
    assert.equal(await page.locator('#facts').getAttribute('aria-busy'), 'true')
    release()
    await page.getByRole('heading', { name: 'No answer' }).waitFor()
    assert.match(await text(page, '[role=alert]'), /Your router does not answer/)
    await close()
  })

  it('loads itself anew when the router was updated', async () => {
    const { page, close } = await open(healthy)
    status = { ...healthy, version: '0.2.0' }
    const loaded = page.waitForEvent('load')
    await page.clock.runFor(5_000)
    await loaded
    await page.getByText('version 0.2.0').waitFor()
    await close()
  })

  it('shows markup in what the router says as plain text', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    const hostile: Status = {
      ...healthy,
      name: evil,
      version: evil,
      findings: [{ code: 'x', level: 'problem', title: evil, detail: evil }],
      network: [{ ...healthy.network[0]!, name: evil }],
    }
    const { page, faults, close } = await open(hostile)
    assert.equal(await text(page, 'h1'), evil)
    assert.equal(await page.locator('img[src=x], body script').count(), 0)
    assert.deepEqual(faults, [])
    await close()
  })

  it('has an answer for a machine that tells nothing', async () => {
    const { page, faults, close } = await open(empty)
    assert.equal(await text(page, 'h1'), 'No cable to the Internet')
    assert.deepEqual(faults, [])
    await close()
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has enough contrast, ${colorScheme} (WCAG 2.2, 1.4.3)`, async () => {
      for (const says of [healthy, bad, empty]) {
        const { page, close } = await open(says, { colorScheme, reducedMotion: 'reduce' })
        assert.deepEqual(await lowContrast(page), [])
        await close()
      }
    })

  it('fits the narrowest phone, and text of twice the size (WCAG 2.2, 1.4.4 and 1.4.10)', async () => {
    for (const [width, size] of [
      [320, '100%'],
      [640, '200%'],
      [1200, '100%'],
    ] as const) {
      const { page, close } = await open(healthy, { viewport: { width, height: 800 } })
      await page.evaluate(`document.documentElement.style.fontSize = '${size}'`)
      assert.equal(
        await page.evaluate('document.documentElement.scrollWidth'),
        width,
        `${width} ${size}`,
      )
      await close()
    }
  })

  it('is ordered for those who hear it', async () => {
    const { page, close } = await open(bad)
    const levels = await page.evaluate<number[]>(
      `[...document.querySelectorAll('h1,h2,h3')].map(each => Number(each.tagName[1]))`,
    )
    assert.deepEqual(levels.filter(level => level === 1).length, 1)
    levels.reduce((before, level) => (assert.ok(level <= before + 1), level))
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    assert.equal(await page.locator('img:not([alt])').count(), 0)
    assert.equal(await page.locator('svg:not([aria-hidden=true])').count(), 0)
    const snapshot = await page.locator('main').ariaSnapshot()
    assert.match(snapshot, /heading "Two things to look at" \[level=1\]/)
    assert.match(snapshot, /heading "No Internet address yet" \[level=3\]/)
    assert.match(snapshot, /- strong: Internet\s+- text: not connected/)
    await close()
  })
})
