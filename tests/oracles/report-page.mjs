// A report page in headless Chromium, as people see it.
//   node report-page.mjs check PAGE            what a person would complain about, as JSON
//   node report-page.mjs follow PAGE           whether a page that is written anew keeps the reader's place, as JSON
//   node report-page.mjs picture PAGE PNG [WIDTH [HEIGHT [light|dark|print|open [PART]]]]    a picture; HEIGHT 0 is the whole page, PART a selector
// A check opens the page from the disk at two widths in light and dark, lists console messages and requests, computes the contrast of every
// text from the styles, walks through the page with the tab key and measures the first paint.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [mode, page, ...more] = process.argv.slice(2)
const url = pathToFileURL(resolve(page)).href
const profile = mkdtempSync(join(tmpdir(), 'reasoning-chromium-'))
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars']

async function open(context) {
  const tab = await context.newPage()
  tab.messages = []
  tab.requests = []
  tab.on('console', message => tab.messages.push(message.text()))
  tab.on('pageerror', error => tab.messages.push(String(error)))
  tab.on('request', request => { if (request.url().split('#')[0] !== url) tab.requests.push(request.url()) })
  await tab.goto(url, { waitUntil: 'load' })
  return tab
}

// In the page: texts whose contrast with what is behind them is below 4.5, what is too wide for the window, and headings out of order.
function inspect(all) {
  if (all) for (const fold of document.querySelectorAll('details')) fold.open = true
  const channels = color => (color.match(/[\d.]+/g) || []).map(Number)
  const over = (top, under) => { const a = top.length > 3 ? top[3] : 1; return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a)) }
  const light = color => { const [r, g, b] = color.map(c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
  const behind = element => {
    const layers = []
    for (let at = element; at; at = at.parentElement) layers.unshift(channels(getComputedStyle(at).backgroundColor))
    return layers.reduce((under, layer) => over(layer, under), [255, 255, 255])
  }
  const faint = new Map()
  let texts = 0
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const seen = new Set()
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || element.closest('script, style, noscript, title, desc')) continue
    texts++
    const look = one => one ? `${one.tagName}.${one.getAttribute('class')}.${one.getAttribute('aria-pressed')} ` : ''
    const key = look(element) + look(element.parentElement) + look(element.parentElement.parentElement)
    if (seen.has(key)) continue // a page has few kinds of text and many texts
    seen.add(key)
    const style = getComputedStyle(element), isSvg = element instanceof SVGElement
    const ground = behind(element), color = over(channels(isSvg ? style.fill : style.color), ground)
    const [a, b] = [light(color), light(ground)].sort((x, y) => y - x)
    const ratio = (a + 0.05) / (b + 0.05)
    if (ratio < 4.5) faint.set(key, `${ratio.toFixed(2)}: ${element.tagName}.${element.getAttribute('class') ?? ''} "${walker.currentNode.data.trim().slice(0, 40)}"`)
  }
  const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(heading => Number(heading.tagName[1]))
  const skipped = levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1).length
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id)
  return {
    texts, faint: [...faint.values()], skipped, twice: ids.length - new Set(ids).size, wide: document.documentElement.scrollWidth - innerWidth,
    lost: [...document.querySelectorAll('a[href^="#"]')].filter(link => !document.getElementById(link.hash.slice(1))).length,
    unnamed: [...document.querySelectorAll('a, button, summary, svg[role=img]')]
      .filter(one => !(one.textContent.trim() || one.title || one.getAttribute('aria-label'))).length,
  }
}

// In the page: everything that can be used with a mouse, to be compared with where the tab key stops.
const usable = () => [...document.querySelectorAll('a[href], button, summary, [tabindex="0"]')]
  .filter(one => one.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }) && !one.closest('[hidden]')).length

async function check(browser) {
  const views = []
  for (const width of [390, 1440]) {
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport: { width, height: width === 390 ? 844 : 900 }, colorScheme })
      const tab = await open(context)
      const paint = await tab.evaluate(() => new Promise(done => {
        const found = performance.getEntriesByName('first-contentful-paint')[0]
        if (found) done(found.startTime)
        else new PerformanceObserver(list => done(list.getEntries()[0].startTime)).observe({ type: 'paint', buffered: true })
      }))
      const closed = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      // Everything unfolded at once takes seconds on a large page: on the phone in light, on the desk in dark, and colours everywhere.
      const all = (width === 390) === (colorScheme === 'light')
      views.push({ width, colorScheme, paint, closed, ...await tab.evaluate(inspect, all), messages: tab.messages, requests: tab.requests })
      await context.close()
    }
  }

  // The tab key from the top until it comes back; of a page of a thousand cells the first 150 stops, and nothing that can be used is left out.
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const tab = await open(context)
  const expected = await tab.evaluate(usable)
  await tab.evaluate(() => { window.stops = new Set(); document.addEventListener('focusin', event => window.stops.add(event.target)) })
  const most = Math.min(expected, 150)
  for (let i = 0; i < most; i++) await tab.keyboard.press('Tab')
  const reached = await tab.evaluate(() => window.stops.size)
  const skipped = await tab.evaluate(() => [...document.querySelectorAll('a[href], button, summary')].filter(one => one.tabIndex < 0).length)

  // A cell, a fold and a filter by the keyboard alone.
  const keys = {}
  if (await tab.locator('.grid > a').count()) {
    await tab.evaluate(() => document.querySelector('.grid > a').focus())
    await tab.keyboard.press('Enter')
    await tab.waitForTimeout(50)
    keys.cell = await tab.evaluate(() => document.getElementById(location.hash.slice(1)).checkVisibility())
    const cells = () => [...document.querySelectorAll('p.grid > *')].filter(cell => cell.checkVisibility()).length
    const before = await tab.evaluate(cells)
    await tab.evaluate(() => document.querySelector('[data-show=fixed]').focus())
    await tab.keyboard.press('Enter')
    keys.filter = [before, await tab.evaluate(cells), await tab.evaluate(() => document.querySelectorAll('p.grid > .fixed').length)]
  }
  const fold = () => document.querySelector('summary').parentElement.open
  const was = await tab.evaluate(fold)
  await tab.evaluate(() => document.querySelector('summary').focus())
  await tab.keyboard.press('Enter')
  keys.fold = await tab.evaluate(fold) !== was
  const strange = await tab.evaluate(() => ({ images: document.images.length, ours: typeof window.stolen === 'undefined' }))
  await context.close()

  // Without scripts the same text is there.
  const plain = await browser.newContext({ javaScriptEnabled: false })
  const still = await open(plain)
  const words = (await still.locator('main').innerText()).length
  await plain.close()
  return { views, expected: most, reached, skipped, keys, strange, words }
}

// The page while it is written anew: is the reader's place kept, and does it show what is new?
async function follow(browser) {
  const { readFileSync, writeFileSync } = await import('node:fs')
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const tab = await open(context)
  await tab.evaluate(() => { for (const fold of [...document.querySelectorAll('details')].slice(-2)) fold.open = true; scrollTo({ top: 700, behavior: 'instant' }) })
  const before = await tab.evaluate(() => ({ top: scrollY, open: [...document.querySelectorAll('details')].map(fold => fold.open) }))
  const text = readFileSync(page, 'utf8')
  writeFileSync(page, text.replace('the run goes on', 'the run went on'))
  await tab.waitForFunction(() => document.querySelector('.state').textContent.includes('the run went on'), null, { timeout: 60000 })
  await tab.waitForTimeout(200)
  const after = await tab.evaluate(() => ({ top: scrollY, open: [...document.querySelectorAll('details')].map(fold => fold.open) }))
  await tab.locator('[data-follow]').click()
  writeFileSync(page, text)
  await context.close()
  return { before, after, messages: tab.messages, requests: tab.requests }
}

async function picture(browser, file, width = '1440', height = '0', look = 'light', part = '') {
  const context = await browser.newContext({
    viewport: { width: Number(width), height: Number(height) || 900 }, colorScheme: look === 'dark' ? 'dark' : 'light', deviceScaleFactor: Number(width) < 600 ? 2 : 1,
  })
  const tab = await open(context)
  if (look === 'print') await tab.emulateMedia({ media: 'print' })
  if (look === 'open') await tab.evaluate(() => { for (const fold of document.querySelectorAll('details')) fold.open = true })
  await (part ? tab.locator(part).screenshot({ path: file }) : tab.screenshot({ path: file, fullPage: height === '0' }))
  await context.close()
  return { file }
}

let code = 0
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...args, `--crash-dumps-dir=${profile}`] })
try {
  console.log(JSON.stringify(await { check, follow, picture }[mode](browser, ...more), null, 1))
} catch (error) {
  console.error(error)
  code = 1
} finally {
  await browser.close()
  rmSync(profile, { recursive: true, force: true })
}
process.exitCode = code
