/** Where the retailer sells, and what people there are called. */
export interface Market {
  /** As the shop speaks of it: a country, or a part of one with rules of its own. */
  readonly region: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  /** BCP 47; the first is what most people there read. */
  readonly languages: readonly string[]
  /** Share of all people. */
  readonly share: number
  readonly givenNames: readonly Name[]
  readonly familyNames: readonly Name[]
}

/** In Latin letters and, where people write differently, as they write it. */
export interface Name {
  readonly latin: string
  readonly native: string
}

/** What friends and web forms are told instead. */
export const nicknames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Katharina: 'Kathi',
    Alexander: 'Alex',
    Johanna: 'Hanna',
    Maximilian: 'Max',
    Elisabeth: 'Lisa',
    Sebastian: 'Basti',
    Frédéric: 'Fred',
    Nathalie: 'Nath',
    Dominique: 'Dom',
    Christophe: 'Chris',
    William: 'Bill',
    Elizabeth: 'Liz',
    Michael: 'Mike',
    Jennifer: 'Jen',
    Christopher: 'Chris',
    Rebecca: 'Becky',
    Margaret: 'Maggie',
    Robert: 'Bob',
    Francisco: 'Chico',
    Fernanda: 'Nanda',
    Eduardo: 'Dudu',
    Guilherme: 'Gui',
    Muhammad: 'Mo',
  }),
)

const latin = (text: string): Name[] => text.split(' ').map((name) => ({ latin: name, native: name }))
const both = (text: string): Name[] =>
  text.split(' ').map((pair) => {
    const [name = '', native = name] = pair.split('/')
    return { latin: name, native }
  })

const english = {
  givenNames: latin(
    'Ada Bo Cyd Dee William Elizabeth Michael Jennifer Christopher Rebecca Margaret Robert Grace Owen Maya Ethan Chloe Noah Olivia Liam Zoe Henry Isla Oscar Priya Arjun Wei Mei Sofia Diego',
  ),
  familyNames: latin(
    'Smith Jones Taylor Brown Davies Evans Wilson Thomas Roberts Johnson Walker Wright Robinson Thompson White Hughes Edwards Green Hall Wood Harris Martin Jackson Clarke Patel Nguyen Chen Garcia Lopez Okafor',
  ),
}

export const markets: readonly Market[] = [
  {
    region: 'DE',
    country: 'DE',
    languages: ['de', 'tr', 'en'],
    share: 0.22,
    givenNames: latin(
      'Katharina Alexander Johanna Maximilian Elisabeth Sebastian Jonas Lena Felix Mia Paul Emma Lukas Anna Finn Clara Moritz Greta Jürgen Käthe Björn Zeynep Emre Aylin Tobias Ines Matthias Sabine Uwe Renate',
    ),
    familyNames: latin(
      'Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Yılmaz Kaya Krause Lehmann Weiß',
    ),
  },
  {
    region: 'FR',
    country: 'FR',
    languages: ['fr', 'ar'],
    share: 0.17,
    givenNames: latin(
      'Frédéric Nathalie Dominique Christophe Camille Léa Hugo Manon Louis Chloé Jules Inès Gabriel Zoé Raphaël Élise Antoine Margaux Théo Océane Karim Yasmine Thierry Sylvie Benoît Aurélie Mathieu Hélène Pascal Noémie',
    ),
    familyNames: latin(
      'Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Garcia David Bertrand Roux Vincent Fournier Morel Girard André Mercier Dupont Lambert Bonnet François Benali Haddad',
    ),
  },
  { region: 'US-CA', country: 'US', languages: ['en', 'es'], share: 0.18, ...english },
  { region: 'GB', country: 'GB', languages: ['en'], share: 0.13, ...english },
  {
    region: 'BR',
    country: 'BR',
    languages: ['pt'],
    share: 0.12,
    givenNames: latin(
      'Francisco Fernanda Eduardo Guilherme João Maria Ana Pedro Lucas Júlia Mateus Beatriz Rafael Larissa Gabriela Thiago Camila Bruno Letícia Gustavo Mariana Rodrigo Patrícia Marcelo Aline Vinícius Débora Caio Luíza Renato',
    ),
    familyNames: latin(
      'Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes Marques Machado Mendes Freitas',
    ),
  },
  {
    region: 'JP',
    country: 'JP',
    languages: ['ja'],
    share: 0.1,
    givenNames: both(
      'Hanako/花子 Taro/太郎 Yuki/由紀 Haruto/陽翔 Sakura/桜 Ren/蓮 Aoi/葵 Sota/颯太 Yui/結衣 Riku/陸 Mei/芽依 Kenji/健二 Akiko/明子 Hiroshi/浩 Naoko/直子 Takumi/拓海 Misaki/美咲 Daiki/大輝 Ayaka/彩花 Shota/翔太',
    ),
    familyNames: both(
      'Sato/佐藤 Suzuki/鈴木 Takahashi/高橋 Tanaka/田中 Ito/伊藤 Watanabe/渡辺 Yamamoto/山本 Nakamura/中村 Kobayashi/小林 Kato/加藤 Yoshida/吉田 Yamada/山田 Sasaki/佐々木 Matsumoto/松本 Inoue/井上 Kimura/木村 Hayashi/林 Shimizu/清水 Mori/森 Abe/阿部',
    ),
  },
  {
    region: 'AE',
    country: 'AE',
    languages: ['ar', 'en', 'hi'],
    share: 0.08,
    givenNames: both(
      'Muhammad/محمد Fatima/فاطمة Ahmed/أحمد Aisha/عائشة Omar/عمر Mariam/مريم Khalid/خالد Noor/نور Hassan/حسن Layla/ليلى Yousef/يوسف Salma/سلمى Ali/علي Huda/هدى Rashid/راشد Amira/أميرة',
    ),
    familyNames: both(
      'Mansouri/المنصوري Hashimi/الهاشمي Suwaidi/السويدي Zaabi/الزعابي Shamsi/الشامسي Ketbi/الكتبي Nuaimi/النعيمي Mazrouei/المزروعي Khan/خان Rahman/رحمن Hussein/حسين Haddad/حداد Nasser/ناصر Saleh/صالح Aziz/عزيز Farouk/فاروق',
    ),
  },
]
