import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Page } from './page.ts'
import { SAMPLE_QUERIES } from './sample-queries.ts'

const FILES = ['react.js', 'react-dom.js', 'graphiql.js', 'graphiql.css'] as const

/** GraphiQL, served from this package: the page fetches nothing from anywhere else. */
export const graphiqlPages = (): ((path: string) => Page | undefined) => {
  const pages = new Map<string, Page>([
    ['/', { type: 'text/html; charset=utf-8', body: HTML }],
    ['/graphiql/start.js', { type: 'text/javascript; charset=utf-8', body: startScript() }],
  ])
  return (path) => {
    const file = FILES.find((name) => path === `/graphiql/${name}`)
    if (file !== undefined && !pages.has(path)) pages.set(path, vendored(file))
    return pages.get(path)
  }
}

const vendored = (file: (typeof FILES)[number]): Page => ({
  type: file.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
  body: gunzipSync(readFileSync(new URL(`graphiql/${file}.gz`, import.meta.url))),
})

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Assent</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/graphiql/graphiql.css" />
    <style>
      body { margin: 0 }
      #graphiql { height: 100vh }
    </style>
  </head>
  <body>
    <div id="graphiql">Loading…</div>
    <script src="/graphiql/react.js"></script>
    <script src="/graphiql/react-dom.js"></script>
    <script src="/graphiql/graphiql.js"></script>
    <script src="/graphiql/start.js"></script>
  </body>
</html>
`

const startScript = (): string => {
  const tabs = SAMPLE_QUERIES.map(({ title, headers, query }) => ({
    query: `# ${title}\n${query}\n`,
    headers: JSON.stringify(headers, null, 2),
  }))
  return `const fetcher = GraphiQL.createFetcher({ url: '/graphql' })
const defaultTabs = ${JSON.stringify(tabs)}
const page = React.createElement(GraphiQL, { fetcher, defaultTabs, shouldPersistHeaders: true, defaultEditorToolsVisibility: 'headers' })
ReactDOM.createRoot(document.getElementById('graphiql')).render(page)
`
}
