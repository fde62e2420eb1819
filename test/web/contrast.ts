/** Measures the contrast of every text on a page (WCAG 2.2, 1.4.3). Runs inside the browser. */
import type { Page } from 'playwright-core'

/** Texts below the ratio they need: 3 when large (24 px, or bold 18.66 px), 4.5 otherwise. */
export function lowContrast(page: Page): Promise<string[]> {
  return page.evaluate(`(${measure.toString()})()`)
}

/* eslint-disable -- typed for Node, which has no document */
function measure(): string[] {
  const { document, getComputedStyle, NodeFilter } = globalThis as any
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (colour: string): number[] => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = (colour: number[]) => {
    const [r, g, b] = colour.slice(0, 3).map(part => {
      const value = part / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  const behind = (element: any): number[] => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor)
      if (colour[3] === 255) return colour
    }
    return [255, 255, 255, 255]
  }
  const found: string[] = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim()
    const element = texts.currentNode.parentElement
    if (text === '' || element.getClientRects().length === 0) continue
    const style = getComputedStyle(element)
    const size = parseFloat(style.fontSize)
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
    const [a, b] = [light(rgba(style.color)), light(behind(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < needed) found.push(`${text}: ${ratio.toFixed(2)}, ${needed} needed`)
  }
  return found
}
