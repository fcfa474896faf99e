import { createRandom } from './random.ts'

export interface CatalogueProduct {
  readonly sku: string
  readonly title: string
  readonly category: string
  /** In the shop's one currency, two decimals. */
  readonly price: number
}

interface Department {
  readonly category: string
  readonly code: string
  readonly kinds: readonly string[]
  readonly makes: readonly string[]
  readonly cheapest: number
  readonly dearest: number
}

const words = (text: string): string[] => text.split(', ')

const departments: readonly Department[] = [
  {
    category: 'kitchen',
    code: 'KIT',
    kinds: words('kettle, saucepan, chef’s knife, chopping board, coffee press'),
    makes: words('Enamel, Copper, Cast-iron, Oak, Everyday'),
    cheapest: 12,
    dearest: 140,
  },
  {
    category: 'garden',
    code: 'GAR',
    kinds: words('secateurs, watering can, trowel, planter, hose reel'),
    makes: words('Zinc, Terracotta, Forged, Ash, Compact'),
    cheapest: 8,
    dearest: 95,
  },
  {
    category: 'books',
    code: 'BOO',
    kinds: words('cookbook, atlas, field guide, novel, notebook'),
    makes: words('Illustrated, Pocket, Clothbound, Annotated, Large-print'),
    cheapest: 6,
    dearest: 48,
  },
  {
    category: 'outdoor',
    code: 'OUT',
    kinds: words('rucksack, tent, sleeping bag, head torch, stove'),
    makes: words('Alpine, Ultralight, Four-season, Trail, Weekend'),
    cheapest: 19,
    dearest: 320,
  },
  {
    category: 'clothing',
    code: 'CLO',
    kinds: words('jumper, raincoat, scarf, trousers, socks'),
    makes: words('Merino, Linen, Waxed, Organic, Quilted'),
    cheapest: 9,
    dearest: 180,
  },
  {
    category: 'electronics',
    code: 'ELE',
    kinds: words('headphones, desk lamp, charger, radio, keyboard'),
    makes: words('Wireless, Folding, Solar, Studio, Travel'),
    cheapest: 15,
    dearest: 260,
  },
  {
    category: 'toys',
    code: 'TOY',
    kinds: words('train, building blocks, puzzle, kite, board game'),
    makes: words('Wooden, Junior, Classic, Family, Magnetic'),
    cheapest: 7,
    dearest: 75,
  },
  {
    category: 'home',
    code: 'HOM',
    kinds: words('blanket, candle, mirror, rug, storage basket'),
    makes: words('Woven, Felt, Round, Handmade, Nordic'),
    cheapest: 10,
    dearest: 210,
  },
]

/** Two hundred products: eight departments, five kinds of thing, five makes of each. */
export function generateCatalogue(seed: number): CatalogueProduct[] {
  const random = createRandom(seed, 'catalogue')
  return departments.flatMap(({ category, code, kinds, makes, cheapest, dearest }) =>
    kinds.flatMap((kind, row) =>
      makes.map((make, column) => ({
        sku: `${code}-${String(row * makes.length + column + 1).padStart(3, '0')}`,
        title: `${make} ${kind}`,
        category,
        price: (Math.round((cheapest + random.next() ** 2 * (dearest - cheapest)) * 20) * 5 - 1) / 100,
      })),
    ),
  )
}
