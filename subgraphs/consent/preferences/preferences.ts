import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonAnswer, type Route } from '../../route.ts'

/**
 * What the page may do: run its own script, use its own style, talk to this service. No inline script, no third party, no
 * frame around it, no text turned into markup.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const FILES = [
  ['/preferences', 'page.html', 'text/html; charset=utf-8'],
  ['/preferences/page.css', 'page.css', 'text/css; charset=utf-8'],
  ['/preferences/page.js', 'page.js', 'text/javascript; charset=utf-8'],
] as const

/**
 * Where a person sees every purpose in plain words and changes it: three files, made by the build, and the SDK in one of them;
 * and where they get a token, if the shop has a page for that.
 */
export function createPreferences(directory: string, loginUrl: string | null): readonly Route[] {
  const login: Route = {
    method: 'GET',
    path: '/preferences/login.json',
    answer: async () => jsonAnswer(200, { url: loginUrl }),
  }
  const files = FILES.map(([path, file, type]) => ({
    method: 'GET' as const,
    path,
    answer: async () => ({
      status: 200,
      headers: { ...HEADERS, 'content-type': type, 'cache-control': 'no-cache' },
      body: await readFile(join(directory, file)),
    }),
  }))
  return [...files, login]
}
