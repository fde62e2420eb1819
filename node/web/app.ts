/** The first page of the web app: how this router is, in words, always fresh. */
import { byId, setText } from './dom.ts'
import { poll } from './poll.ts'
import { show } from './show.ts'
import { ago } from './words.ts'

/** A single lost answer is not worth a word. */
const SILENT_FAILURES = 1

let version: string | undefined
let last: number | undefined
let failed = 0

poll(answer => {
  if ('failed' in answer) {
    failed = answer.failed
  } else {
    // After an update this page may not understand what the router says.
    if (version !== undefined && version !== answer.status.version) return location.reload()
    version = answer.status.version
    failed = 0
    last = answer.at
    show(answer.status)
  }
  tell()
})
setInterval(tell, 1_000)

/** Says how fresh the page is, and when it is not, why. */
function tell(): void {
  const stale = byId('stale')
  const unreachable = failed > (last === undefined ? 0 : SILENT_FAILURES)
  document.body.classList.toggle('unreachable', unreachable)
  stale.hidden = !unreachable
  const since = last === undefined ? undefined : ago(performance.now() - last)
  setText(byId('updated'), since === undefined ? '' : `Updated ${since}`)
  if (!unreachable) return
  setText(
    stale,
    since === undefined
      ? 'Your router does not answer. Trying again…'
      : 'Your router does not answer. What you see is how it was before; trying again…',
  )
  if (last === undefined) {
    setText(byId('headline'), 'No answer')
    setText(byId('subline'), 'Is the router switched on, and are you at home?')
  }
}
