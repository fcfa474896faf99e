const words = (text: string): readonly string[] => text.trim().split(/\s+/)
const joined = (starts: readonly string[], ends: readonly string[]): readonly string[] =>
  ends.flatMap((end, turn) => starts.map((_, at) => `${starts[(at + turn * 7) % starts.length] ?? ''}${end}`))

/** Given name → what its bearers are called. Frequent names first. */
export const NICKNAMES: ReadonlyMap<string, readonly string[]> = new Map(
  words(`
    william:bill,will,liam elizabeth:liz,beth,betty,eliza katherine:kate,kathy,katie thomas:tom,tommy
    michael:mike,mick robert:bob,rob,bobby margaret:maggie,peggy,meg james:jim,jamie jennifer:jen,jenny
    daniel:dan,danny alexander:alex,sandy alexandra:alex,sandra nicholas:nick samantha:sam samuel:sam
    benjamin:ben joseph:joe christopher:chris christine:chris,tina matthew:matt rebecca:becky,bec andrew:andy,drew
    anthony:tony victoria:vicky,tori patrick:pat,paddy patricia:pat,trish,tricia joshua:josh jonathan:jon
    edward:ed,ted,eddie richard:rick,dick,richie susan:sue,susie deborah:deb,debbie stephen:steve stephanie:steph
    timothy:tim gregory:greg jeffrey:jeff kenneth:ken ronald:ron douglas:doug philip:phil abigail:abby
    jessica:jess isabella:bella,izzy gabrielle:gabby natalie:nat madeleine:maddie zachary:zac lachlan:lachie
    theodore:theo,ted frederick:fred charles:charlie,chuck henry:harry,hal lawrence:larry leonard:len
    francesca:fran,frankie josephine:jo,josie amanda:mandy barbara:barb pamela:pam cynthia:cindy maximilian:max`).map(
    (entry) => {
      const [name = '', nicknames = ''] = entry.split(':')
      return [name, nicknames.split(',')] as const
    },
  ),
)

const PLAIN_GIVEN_NAMES = words(`
  ada bo cyd dee olivia noah jack emily chloe lucas mia ethan grace ruby oscar sophie harrison hannah riley lily
  cooper ella ryan amelia tyler sarah dylan zoe caleb georgia max lauren luke brooke jordan maya adam laura owen
  alice leo clara hugo nora felix ines ivan jade kai lena marcus nina otis paige quentin rosa simon tara ulric vera
  wesley xenia yves zara aaron bianca colin daria elias freya gavin helen ian julia kevin lydia martin naomi oliver
  penelope rhys selma trevor una victor wanda xavier yasmin zeno arjun priya wei mei diego sofia omar leila kofi ama
  tane aroha bjorn astrid piotr zofia luca giulia mateo camila emre elif rafael beatriz tomas eva juan lucia pavel`)

export const GIVEN_NAMES: readonly string[] = [...NICKNAMES.keys()].flatMap((name, at) => {
  const others = PLAIN_GIVEN_NAMES.slice(at * 2, at * 2 + 2)
  return [name, ...others]
})

/** Some hundreds of usual surnames, then thousands that few bear, as everywhere. */
export const SURNAMES: readonly string[] = [
  ...words(`
    white clarke nguyen ryan campbell harris webb dixon coleman matthews reid burton fraser singh stone hughes
    o'brien palmer marsh grant berry walsh porter shaw holmes doyle fox wells lane hunt burke mcdonald kaur hart
    barker cross day finch gale heath irwin jarvis kemp lamb moss nash oakley page quinn rowe skinner todd usher vance
    wolfe york zeller abbott blake crane drake ellis fry gibbs hale innes joyce knox lowe munro noble olsen pike`),
  ...joined(
    words(`ash bar black brad brom cal carl chat clay cold crom dal den don east el fair farn fen gar glen
      gold green ham hart hath hol horn kel kil king lang lin long mar mel mid mor nor oak or os pen pres quar rad
      red ridge ros row rud sal sel shel sher skel stan strat sut tal thorn til tor up wal war wat west whit wil win`),
    words('ton field by ham ley wood worth well man er ford bourne stead wick more land son ridge'),
  ),
]

export const STREETS: readonly string[] = joined(
  words(`acacia banksia bent birch bridge canal cedar chapel church cliff copper dawson eagle elm falcon ferry forest
    garden harbour hill iris jasmine juniper kestrel lake lark laurel maple market meadow mill myrtle north oak orchard
    park pine quarry queen raven river rose sandy school short south spring station summer swan temple thistle tower
    union valley victoria walnut water west willow windmill wren yarrow zephyr`),
  [' street', ' road', ' place', ' crescent', ' avenue', ' court', ' close', ' circuit', 'vale drive'],
)

export const SUBURBS: readonly string[] = joined(
  words(
    'ash bay brook cedar clear cross dun east fern glen gold gum high iron kings lake long maple mount new oak',
  ),
  words('haven ton wood ville dale field port mouth view side ford hurst'),
).flatMap((name, at) =>
  at % 5 === 0 ? [name, `${name} ${['north', 'east', 'heights'][at % 3] ?? ''}`] : [name],
)

export const STATES: readonly string[] = words('nsw vic qld wa sa tas act nt')

export const COMPANIES: readonly string[] = joined(
  words(
    'acorn beacon copper delta ember falcon granite harbor indigo jasper kite lumen mesa nimbus onyx pixel',
  ),
  words('works labs group partners systems foods media logistics'),
)

/** In the script of its bearers, and as clerks elsewhere write it. */
export interface TwoScripts {
  readonly native: string
  readonly latin: string
}

const twoScripts = (text: string): readonly TwoScripts[] =>
  words(text).map((entry) => {
    const [native = '', latin = ''] = entry.split('/')
    return { native, latin }
  })

/** People whose names are written in more than one way: Cyrillic, Greek, Arabic, Han, Latin with marks. */
export const OTHER_SCRIPTS: readonly {
  readonly given: readonly TwoScripts[]
  readonly family: readonly TwoScripts[]
}[] = [
  {
    given: twoScripts('Иван/ivan Ольга/olga Дмитрий/dmitri Анна/anna Сергей/sergei Юлия/yulia Пётр/petr'),
    family: twoScripts('Петров/petrov Иванова/ivanova Смирнов/smirnov Кузнецов/kuznetsov Соколова/sokolova'),
  },
  {
    given: twoScripts('Γιώργος/giorgos Μαρία/maria Δημήτρης/dimitris Ελένη/eleni Νίκος/nikos'),
    family: twoScripts('Παπαδόπουλος/papadopoulos Νικολάου/nikolaou Γεωργίου/georgiou Βασιλείου/vasileiou'),
  },
  {
    given: twoScripts('محمد/mohammed فاطمة/fatima أحمد/ahmed ليلى/layla عمر/omar'),
    family: twoScripts('حسن/hassan علي/ali إبراهيم/ibrahim خليل/khalil'),
  },
  {
    given: twoScripts('伟/wei 芳/fang 娜/na 秀英/xiuying 敏/min 静/jing'),
    family: twoScripts('王/wang 李/li 张/zhang 刘/liu 陈/chen'),
  },
  {
    given: twoScripts(
      'Jürgen/juergen Zoë/zoe José/jose François/francois Søren/soeren Łukasz/lukasz Núria/nuria',
    ),
    family: twoScripts(
      'Müller/mueller Núñez/nunez Lefèvre/lefevre Åström/astrom Çelik/celik Großmann/grossmann',
    ),
  },
]
