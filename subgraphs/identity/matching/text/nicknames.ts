/**
 * Whether two folded given names are forms of one name. A name may belong to several families (Alex: Alexander,
 * Alexandra); two of its full names are not forms of one another for that.
 */
export function areForms(one: string, other: string): boolean {
  const [left, right] = [FORMS.get(one), FORMS.get(other)]
  if (left === undefined || right === undefined) return false
  return left.some((family) => right.includes(family))
}

/** The full names a name may stand for; for finding pairs, not for deciding about them. */
export const familiesOf = (name: string): readonly string[] => FORMS.get(name) ?? []

const FAMILIES = `
aaron ron ronnie|abigail abby abbey abbie gail|abraham abe bram|adam ad addy|adelaide addie adele|adrian ade
agnes aggie nessie|aidan aiden|alan al allan allen|albert al bert bertie albie|alberto beto|alejandro ale jandro
alexander alex alec al sandy xander lex alasdair alistair sasha aleksandr oleksandr sascha
alexandra alex sandra sandy lexi lexie alexa sasha sascha alix aleksandra|alexis alex lexi lexie
alfred alf alfie fred freddie|alice ali allie|alicia ali lisa|alison ali allie|amanda mandy manda|amelia amy millie mia mel
andrea andie andi drea|andrew andy drew andreas andre andrei andrey|angela angie ange|angelina angie lina|anastasia nastya stacy stasia
anna ann anne annie hanna anya anja anita|annabelle annabel anna belle bella|anthony tony ant antony anton antonio toni
antonia toni tonia|archibald archie baldie|arthur art artie|ashley ash|ashleigh ash|augustus gus august|barbara barb barbie babs basia
bartholomew bart|beatrice bea trixie|belinda bel linda|benjamin ben benny benji benjy|bernadette bernie|bernard bernie barney
bethany beth|bradley brad|brandon bran|brendan bren|brian bryan|bridget biddy bridie|bronwyn bron|caleb cal|callum cal|cameron cam
carolina caro lina|caroline caro carrie lyn|catherine cathy cath cate cat kate katie kathy kitty katherine kathryn katharine kit kaitlin karin katrin ekaterina katya yekaterina
cecilia cissy celia|charles charlie chuck chas chaz carl carlos karl|charlotte lottie charlie lotte char
chelsea chels|christian chris kris|christina chris tina chrissy christine christie kristina kristine kirsten
christopher chris kit topher christoph kris kristopher|claire clare|clifford cliff|constance connie|cornelius neil con|courtney court
cynthia cindy|daniel dan danny dani daniil|danielle dani ella danni|david dave davy davey davide|deborah debbie deb debra
dennis den denny|dimitri dima mitya dmitri dmitry dimitrios|dominic dom nic dominik domenico|donald don donnie|dorothy dot dottie dolly
douglas doug dougie|dylan dyl|edgar ed|edmund ed eddie ted ned|eduardo edu lalo|edward ed eddie ted teddy ned eduard|eleanor ellie nora ella nell nellie elinor
elizabeth liz lizzie beth betty betsy eliza elsie lisa libby bess lisbeth elisabeth ellie elise elspeth lilibet
ella ellie|emily em emmy millie emilie|emma em emmy|eric rick erik ric|ernest ernie ern ernst|esther essie hester|ethan eth|eugene gene evgeny zhenya
evelyn evie eve|ezekiel zeke|florence flo flora florrie|frances fran frankie fanny franny|francesca fran cesca franny
francis frank frankie fran francisco franz francesco paco pancho|frederick fred freddie freddy rick fritz friedrich frederic
gabriel gabe|gabriella gabby gabi ella gabrielle gaby|gareth gary gaz|geoffrey geoff jeff jeffrey|george georgie jorge georg giorgio georgi yuri jerzy
georgia georgie|georgina georgie gina|gerald gerry jerry|gerard gerry ged|giovanni gianni vanni|giuseppe beppe peppe|graham gray
gregory greg gregor grigori|guillermo memo guille|gwendolyn gwen wendy|hannah hanna nan|harold harry hal|harrison harry|harriet hattie harry
heather heath|helen nell nellie lena elena ellen helena yelena|henry harry hank hal henri heinrich enrique henrik|herbert bert herb|hugh hughie hugo|ian iain
imogen immy|irene rene|isaac ike zac|isabella bella izzy isabel isabelle belle bel isa izabella|ivan vanya|jackson jack|jacob jake jack jakob yakov
jacqueline jackie jacqui jacquie|james jim jimmy jamie jem jaime|jane janie jan|janet jan|jasmine jas jazz|jason jase jay
jean jeanie|jeffrey jeff|jennifer jen jenny jenni jenna|jeremy jerry jem jez|jerome jerry|jessica jess jessie jessy
jesus chuy chucho|joan joanie|joanna jo joanne jojo|jocelyn joss|john johnny jack jon ian juan jean johann hans johannes ivan giovanni sean shaun shane jan
jonathan jon jonny nathan johnathan jonathon|jordan jordy|joseph joe joey jos jose josef giuseppe pepe jozef yosef|josephine jo josie joey
joshua josh|judith judy jude|julia jules julie|julian jules|julie jules|juliet jules julie|justin jus|justine tina
kathleen kathy kath kate katie kay|keith kei|kenneth ken kenny|kevin kev|kimberley kim kimberly kimmy|kristen kris
lachlan lachie locky loch|laura laurie lori|lauren laurie loz|lawrence larry laurie laurence lars lorenzo laurent|leonard len lenny leo
leonardo leo leo nardo|leslie les|lillian lily lil lilly lilian|lily lil|lincoln linc|linda lyn lindy|louis lou louie lewis luis ludwig luigi
louise lou lulu luise|lucas luke luca lukas|lucinda lucy cindy|lucy lu luce|luke luca|lydia lyd|madeleine maddie maddy madeline mads madelyn
madison maddie maddy mads|magdalena magda lena|malcolm mal|manuel manny manolo|marcus marc mark marco markus|margaret maggie meg peggy marge margie greta rita madge daisy peg margot mags margarita malgorzata
maria mary marie mia masha mariya|marianne mary anne|marilyn mary|mark marc marco markus|martha marty patsy|martin marty martyn marcin
mary molly polly may mae maria marie mimi|matilda tilly mattie tilda|matthew matt matty mat mateo matteo matthias mathew|maureen mo|maxwell max|maximilian max|maximus max
megan meg meggie|melanie mel|melissa mel lissa missy|michael mike mick mickey micky mikey miguel michel mikhail misha micah michele mitch mischa michal
michaela micky mic kayla mikayla|michelle shelly shell mich chelle michele|mildred millie|miranda mira mandy|mitchell mitch|miriam mim mimi
mohammed mo mohamed muhammad mohammad mohd muhammed mehmet mahomet|monica mon|montgomery monty|muriel mu|nadezhda nadia nadya|natalia nat natasha talia nataliya
natalie nat nattie talie|natasha tash nat tasha natalya|nathan nate nat|nathaniel nat nate nathan nathanael|nicholas nick nicky nic nico nicolas nikolas nikolai kolya niklas klaus mikolaj
nicole nicky nic nikki nicola|nicola nicky nic nikki|noah no|noel noelle|nora norah|norman norm|oliver ollie olly oli
olivia liv livvy ollie livia|oscar ozzie oskar|owen ow|pamela pam|patricia pat patsy patty tricia trish trisha|patrick pat paddy rick patricio padraig
paul pablo paulo paolo pavel pauly|paula polly|pauline polly|penelope penny pen|percival percy|peter pete petey pedro piotr pyotr pierre pieter petr
philip phil pip philippe phillip felipe filip philipp|philippa pippa pip phillipa|phoebe phebe|priscilla cilla|prudence pru prue
rachel rach rae rachael raquel|ralph raf|raymond ray|rebecca bec becky becca beck bex rebekah|reginald reg reggie|reuben rube ruben
richard rick dick ricky rich richie ricardo rickie|riley rye|robert bob rob bobby robbie bert robin roberto bobbie rupert|roberta bobbie robbie
roderick rod rick|rodney rod|roger rodge rog|ronald ron ronnie|rosalind ros roz|rosemary rose rosie romy|rose rosie|rosie rose|roxanne roxy
russell russ rusty|ruth ruthie|ryan ry|sabrina bri|salvatore sal toto|samantha sam sammy sammie|samuel sam sammy|sandra sandy
sarah sally sadie sara sare|scarlett scar|scott scotty|sean shaun shawn|sebastian seb bas bastian|sergei seryozha sergey sergio
shannon shan|sharon shaz|sheila she|shirley shirl|sidney sid syd sydney|sienna si|simon si|sofia sophie sophia sofie sonia sonya sonja
solomon sol|sonia sonya sonja|sophia sophie soph sofia|stanley stan|stephanie steph stef stefanie stevie|stephen steve stevie steven stefan esteban stephan etienne stepan
stewart stuart stu stew|susan sue susie suzy susanna suzanne susannah sanna zuzana|sylvester sly|sylvia sylvie silvia|tabitha tabby
tamara tammy tam mara|tatiana tanya tania tatyana|terence terry tel terrance|teresa terry tess tessa theresa therese resi|thaddeus thad tad
theodore ted teddy theo teodor fyodor|thomas tom tommy thom tomas tommaso|tiffany tiff|timothy tim timmy tymoteusz|toby tobias tobi
tracey trace tracy|travis trav|trevor trev|tristan tris|tyler ty|ursula ulla uschi|valentina val valya tina|valerie val|vanessa ness nessa
veronica ronnie vera roni nika|victor vic viktor|victoria vicky vic tori vicki vickie viktoria tory|vincent vince vinny vin vincenzo vicente
violet vi|virginia ginny gina ginger|vivian viv vivienne|vladimir vlad volodya volodymyr vova wladimir|walter wally walt wat
wendy wen|wilfred wilf fred|wilhelmina mina minnie willa|william will bill billy willie liam wil guillaume wilhelm willem guillermo
winifred winnie freda|xavier xav javier|yvonne vonnie|yusuf joseph yousef youssef|zachary zac zach zak zack zachariah zackary|zoe zo zoey
`

const FORMS: ReadonlyMap<string, readonly string[]> = formsOf(FAMILIES)

function formsOf(families: string): Map<string, string[]> {
  const forms = new Map<string, string[]>()
  for (const family of families.trim().split(/[|\n]/)) {
    const [name = '', ...others] = family.split(' ')
    for (const form of new Set([name, ...others])) forms.set(form, [...(forms.get(form) ?? []), name])
  }
  return forms
}

/** Whether any other form of this name begins so: "B." of an Isabella. */
export const hasFormStarting = (name: string, beginning: string): boolean =>
  familiesOf(name).some(
    (family) => family.startsWith(beginning) || MEMBERS.get(family)?.has(beginning) === true,
  )

const MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = initialsOf(FORMS)

function initialsOf(forms: ReadonlyMap<string, readonly string[]>): Map<string, Set<string>> {
  const initials = new Map<string, Set<string>>()
  for (const [form, families] of forms) {
    for (const family of families) {
      const known = initials.get(family) ?? new Set()
      initials.set(family, known.add(form.slice(0, 1)))
    }
  }
  return initials
}
