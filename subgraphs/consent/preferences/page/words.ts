/** What the page itself says; what each purpose means comes from the service. */
export interface Words {
  readonly name: string
  readonly title: string
  readonly intro: string
  readonly controller: string
  readonly recipients: string
  readonly language: string
  readonly yes: string
  readonly no: string
  readonly usedFor: string
  readonly given: string
  readonly until: string
  readonly refused: string
  readonly withdrawn: string
  readonly expired: string
  readonly invalidated: string
  readonly unknown: string
  readonly elsewhere: string
  readonly byDefault: string
  readonly somewhere: string
  readonly unused: string
  readonly saving: string
  readonly waiting: string
  readonly pending: string
  readonly effective: string
  readonly withdraw: string
  readonly withdrawAll: string
  readonly history: string
  readonly noHistory: string
  readonly download: string
  readonly loading: string
  readonly ended: string
  readonly offline: string
  readonly stale: string
  readonly changed: string
  readonly failed: string
  readonly signal: string
  readonly blocked: string
}

const en: Words = {
  name: 'English',
  title: 'Your privacy choices',
  intro: 'Here you see what we may use your data for. You decide, and you can change your mind at any time.',
  controller: 'Responsible for your data: {name}.',
  recipients: 'Your data may be passed on to {names}.',
  language: 'Language',
  yes: 'Yes',
  no: 'No',
  usedFor: 'Used for',
  given: 'You said yes on {date}.',
  until: 'It ends on {date}.',
  refused: 'You said no on {date}.',
  withdrawn: 'You withdrew your consent on {date}.',
  expired: 'Your consent has run out. That counts as no.',
  invalidated: 'Your consent is no longer valid. That counts as no.',
  unknown: 'You have not decided yet. That counts as no.',
  elsewhere: 'You said yes for one channel or region only.',
  byDefault: 'This is on unless you object. You have not objected.',
  somewhere: 'In some countries this is on unless you object. You have not objected.',
  unused: 'It is not used at the moment.',
  saving: 'Saving …',
  waiting: 'Noted on this device. It will be sent as soon as there is a connection.',
  pending: 'Saved. It is reaching all our systems now.',
  effective: 'Saved, and in effect everywhere.',
  withdraw: 'Withdraw',
  withdrawAll: 'Withdraw everything',
  history: 'What you have decided so far',
  noHistory: 'Nothing yet.',
  download: 'Download receipt',
  loading: 'Loading your choices …',
  ended: 'Your session has ended. Please open this page again from your account.',
  offline: 'There is no connection at the moment.',
  stale: 'The wording has changed. Please read it again, then decide.',
  changed: 'Something else was saved at the same moment. Please look again.',
  failed: 'This did not work. Nothing was changed.',
  signal:
    'Your browser asks that your data is not sold or shared (Global Privacy Control). We have received that.',
  blocked: 'We no longer use your data for anything.',
}

const de: Words = {
  name: 'Deutsch',
  title: 'Ihre Datenschutz-Einstellungen',
  intro:
    'Hier sehen Sie, wofür wir Ihre Daten verwenden dürfen. Sie entscheiden und können Ihre Meinung jederzeit ändern.',
  controller: 'Verantwortlich für Ihre Daten: {name}.',
  recipients: 'Ihre Daten können weitergegeben werden an: {names}.',
  language: 'Sprache',
  yes: 'Ja',
  no: 'Nein',
  usedFor: 'Verwendet für',
  given: 'Sie haben am {date} zugestimmt.',
  until: 'Das gilt bis zum {date}.',
  refused: 'Sie haben am {date} abgelehnt.',
  withdrawn: 'Sie haben Ihre Einwilligung am {date} widerrufen.',
  expired: 'Ihre Einwilligung ist abgelaufen. Das gilt als Nein.',
  invalidated: 'Ihre Einwilligung gilt nicht mehr. Das gilt als Nein.',
  unknown: 'Sie haben noch nicht entschieden. Das gilt als Nein.',
  elsewhere: 'Sie haben nur für einen Kanal oder eine Region zugestimmt.',
  byDefault: 'Das ist an, solange Sie nicht widersprechen. Sie haben nicht widersprochen.',
  somewhere: 'In manchen Ländern ist das an, solange Sie nicht widersprechen. Sie haben nicht widersprochen.',
  unused: 'Zurzeit wird davon kein Gebrauch gemacht.',
  saving: 'Wird gespeichert …',
  waiting: 'Auf diesem Gerät vermerkt. Es wird gesendet, sobald eine Verbindung besteht.',
  pending: 'Gespeichert. Es erreicht gerade alle unsere Systeme.',
  effective: 'Gespeichert und überall wirksam.',
  withdraw: 'Widerrufen',
  withdrawAll: 'Alles widerrufen',
  history: 'Was Sie bisher entschieden haben',
  noHistory: 'Noch nichts.',
  download: 'Beleg herunterladen',
  loading: 'Ihre Einstellungen werden geladen …',
  ended: 'Ihre Sitzung ist abgelaufen. Bitte öffnen Sie diese Seite noch einmal aus Ihrem Konto.',
  offline: 'Im Moment besteht keine Verbindung.',
  stale: 'Der Wortlaut hat sich geändert. Bitte lesen Sie ihn noch einmal und entscheiden Sie dann.',
  changed: 'Im selben Moment wurde etwas anderes gespeichert. Bitte sehen Sie noch einmal nach.',
  failed: 'Das hat nicht geklappt. Es wurde nichts geändert.',
  signal:
    'Ihr Browser bittet darum, Ihre Daten nicht zu verkaufen oder weiterzugeben (Global Privacy Control). Wir haben das erhalten.',
  blocked: 'Wir verwenden Ihre Daten für nichts mehr.',
}

const fr: Words = {
  name: 'Français',
  title: 'Vos choix de confidentialité',
  intro:
    'Vous voyez ici à quoi nous pouvons utiliser vos données. Vous décidez, et pouvez changer d’avis à tout moment.',
  controller: 'Responsable de vos données : {name}.',
  recipients: 'Vos données peuvent être transmises à : {names}.',
  language: 'Langue',
  yes: 'Oui',
  no: 'Non',
  usedFor: 'Sert à',
  given: 'Vous avez accepté le {date}.',
  until: 'Cela prend fin le {date}.',
  refused: 'Vous avez refusé le {date}.',
  withdrawn: 'Vous avez retiré votre accord le {date}.',
  expired: 'Votre accord a expiré. Cela compte comme un non.',
  invalidated: 'Votre accord n’est plus valable. Cela compte comme un non.',
  unknown: 'Vous n’avez pas encore décidé. Cela compte comme un non.',
  elsewhere: 'Vous avez accepté pour un seul canal ou une seule région.',
  byDefault: 'C’est activé tant que vous ne vous y opposez pas. Vous ne vous y êtes pas opposé.',
  somewhere:
    'Dans certains pays, c’est activé tant que vous ne vous y opposez pas. Vous ne vous y êtes pas opposé.',
  unused: 'Il n’en est pas fait usage en ce moment.',
  saving: 'Enregistrement …',
  waiting: 'Noté sur cet appareil. Ce sera envoyé dès qu’il y aura une connexion.',
  pending: 'Enregistré. Tous nos systèmes en sont informés en ce moment.',
  effective: 'Enregistré, et en vigueur partout.',
  withdraw: 'Retirer',
  withdrawAll: 'Tout retirer',
  history: 'Ce que vous avez décidé jusqu’ici',
  noHistory: 'Rien pour l’instant.',
  download: 'Télécharger le reçu',
  loading: 'Chargement de vos choix …',
  ended: 'Votre session a pris fin. Veuillez rouvrir cette page depuis votre compte.',
  offline: 'Il n’y a pas de connexion pour le moment.',
  stale: 'Le texte a changé. Veuillez le relire, puis décider.',
  changed: 'Autre chose a été enregistré au même moment. Veuillez vérifier.',
  failed: 'Cela n’a pas fonctionné. Rien n’a été modifié.',
  signal:
    'Votre navigateur demande que vos données ne soient ni vendues ni partagées (Global Privacy Control). Nous l’avons reçu.',
  blocked: 'Nous n’utilisons plus vos données.',
}

const es: Words = {
  name: 'Español',
  title: 'Sus opciones de privacidad',
  intro:
    'Aquí ve para qué podemos usar sus datos. Usted decide y puede cambiar de opinión en cualquier momento.',
  controller: 'Responsable de sus datos: {name}.',
  recipients: 'Sus datos pueden comunicarse a: {names}.',
  language: 'Idioma',
  yes: 'Sí',
  no: 'No',
  usedFor: 'Sirve para',
  given: 'Dijo que sí el {date}.',
  until: 'Termina el {date}.',
  refused: 'Dijo que no el {date}.',
  withdrawn: 'Retiró su consentimiento el {date}.',
  expired: 'Su consentimiento ha caducado. Cuenta como un no.',
  invalidated: 'Su consentimiento ya no es válido. Cuenta como un no.',
  unknown: 'Todavía no ha decidido. Cuenta como un no.',
  elsewhere: 'Dijo que sí solo para un canal o una región.',
  byDefault: 'Está activado mientras usted no se oponga. No se ha opuesto.',
  somewhere: 'En algunos países está activado mientras usted no se oponga. No se ha opuesto.',
  unused: 'En este momento no se usa.',
  saving: 'Guardando …',
  waiting: 'Anotado en este dispositivo. Se enviará en cuanto haya conexión.',
  pending: 'Guardado. Está llegando a todos nuestros sistemas.',
  effective: 'Guardado y en vigor en todas partes.',
  withdraw: 'Retirar',
  withdrawAll: 'Retirarlo todo',
  history: 'Lo que ha decidido hasta ahora',
  noHistory: 'Nada todavía.',
  download: 'Descargar recibo',
  loading: 'Cargando sus opciones …',
  ended: 'Su sesión ha terminado. Abra de nuevo esta página desde su cuenta.',
  offline: 'No hay conexión en este momento.',
  stale: 'El texto ha cambiado. Léalo de nuevo y decida después.',
  changed: 'Se guardó otra cosa en el mismo momento. Vuelva a mirar.',
  failed: 'No ha funcionado. No se ha cambiado nada.',
  signal:
    'Su navegador pide que sus datos no se vendan ni se compartan (Global Privacy Control). Lo hemos recibido.',
  blocked: 'Ya no usamos sus datos para nada.',
}

const ar: Words = {
  name: 'العربية',
  title: 'خيارات الخصوصية الخاصة بك',
  intro: 'ترى هنا الأغراض التي يجوز لنا استخدام بياناتك من أجلها. القرار لك، ويمكنك تغيير رأيك في أي وقت.',
  controller: 'المسؤول عن بياناتك: {name}.',
  recipients: 'قد تُنقل بياناتك إلى: {names}.',
  language: 'اللغة',
  yes: 'نعم',
  no: 'لا',
  usedFor: 'يُستخدم من أجل',
  given: 'وافقت في {date}.',
  until: 'ينتهي ذلك في {date}.',
  refused: 'رفضت في {date}.',
  withdrawn: 'سحبت موافقتك في {date}.',
  expired: 'انتهت مدة موافقتك. ويُعد ذلك رفضًا.',
  invalidated: 'لم تعد موافقتك سارية. ويُعد ذلك رفضًا.',
  unknown: 'لم تقرر بعد. ويُعد ذلك رفضًا.',
  elsewhere: 'وافقت لقناة واحدة أو منطقة واحدة فقط.',
  byDefault: 'هذا مفعّل ما لم تعترض. ولم تعترض حتى الآن.',
  somewhere: 'في بعض البلدان يكون هذا مفعّلًا ما لم تعترض. ولم تعترض حتى الآن.',
  unused: 'لا يُستخدم ذلك حاليًا.',
  saving: 'جارٍ الحفظ …',
  waiting: 'سُجّل على هذا الجهاز، وسيُرسل فور توفر الاتصال.',
  pending: 'تم الحفظ، وهو في طريقه الآن إلى جميع أنظمتنا.',
  effective: 'تم الحفظ، وهو سارٍ في كل مكان.',
  withdraw: 'سحب الموافقة',
  withdrawAll: 'سحب كل الموافقات',
  history: 'ما قررته حتى الآن',
  noHistory: 'لا شيء بعد.',
  download: 'تنزيل الإيصال',
  loading: 'جارٍ تحميل خياراتك …',
  ended: 'انتهت جلستك. يرجى فتح هذه الصفحة من حسابك مرة أخرى.',
  offline: 'لا يوجد اتصال في الوقت الحالي.',
  stale: 'تغيّر النص. يرجى قراءته مرة أخرى ثم اتخاذ القرار.',
  changed: 'حُفظ شيء آخر في اللحظة نفسها. يرجى التحقق مرة أخرى.',
  failed: 'لم ينجح ذلك، ولم يتغير شيء.',
  signal: 'يطلب متصفحك عدم بيع بياناتك أو مشاركتها (Global Privacy Control). وقد وصلنا ذلك.',
  blocked: 'لم نعد نستخدم بياناتك لأي غرض.',
}

export const WORDS = { en, de, fr, es, ar } as const

export type Language = keyof typeof WORDS

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(WORDS, tag)
}
