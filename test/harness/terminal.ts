/** A terminal of its own, which `script` (util-linux) makes, with a person who answers questions. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How questions end. */
const QUESTION = /(?:key|again|words|phrase|backup): /g

/**
 * Runs a line of the shell; types the next answer at each question.
 *
 * @returns all that was to be seen, and the exit code.
 */
export async function terminal(
  line: string,
  env: Readonly<Record<string, string>>,
  answers: readonly string[] = [],
  cwd?: string,
): Promise<{ screen: string; status: number | null }> {
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(cwd !== undefined && { cwd }),
  })
  let [screen, answered] = ['', 0]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    const questions = screen.match(QUESTION)?.length ?? 0
    while (answered < Math.min(questions, answers.length)) child.stdin.write(answers[answered++]!)
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return { screen: screen.replaceAll('\r', ''), status }
}
