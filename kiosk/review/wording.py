"""How visitors speak of themselves, in each language of the interface: words for `blank`.

Regular expressions for text in any case. They err on the side of taking too much: a question that
loses a word can still be understood by staff, a name that stays cannot be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """Attributes:
    statement: Beginnings of what visitors say about themselves ("I am", "my name").
    asking: The same beginnings where they only introduce a question ("I am wondering").
    question: Words at which a question begins, and what was said about oneself ends.
    own: "My", "our".
    not_own: What may follow ``own`` without being personal ("question").
    number: Number words.
    between: What may stand between two number words.
    lone: Number words that alone are none ("the one", "a second"); with others they are.
    month: Names of months.
    title: "Mr", "Mrs".
    at: How the sign of an e-mail address is spoken.
    dot: How its full stop is spoken.
    """

    statement: str
    asking: str
    question: str
    own: str
    not_own: str
    number: str
    between: str
    lone: str
    month: str
    title: str
    at: str = "at"
    dot: str = "dot|point"


_EN_ADVERB = r"(?:also |just |really |only |still |always |do |actually )?"
_EN_NOT_ASKING = r"(?<!can )(?<!may )(?<!could )(?<!should )(?<!must )(?<!shall )"

ENGLISH = Wording(
    statement=rf"i ?['’]?m|i am|i {_EN_ADVERB}(?:was|were|have|had)|i['’]?ve|i['’]d been"
    rf"|{_EN_NOT_ASKING}i {_EN_ADVERB}(?:live|lived|come|came|work|worked|feel|love|hate|like|got"
    r"|went|go|study|suffer|take|drink|grew)"
    r"|my names?|the name['’]?s|names? is|names?['’]s|you (?:can|may) call me|call me|calls me"
    r"|we are|we['’]re|we (?:live|come|came|have|had)|we['’]ve|our names?|this is|here is"
    r"|it['’]?s me|it is me|me and my|me is",
    asking=r"i(?: am|['’]?m| was) (?:asking|wondering|curious|just asking)"
    r"|i(?: have|['’]ve|['’]?ve got| had| have got) (?:a|an|another|one|some|one more|a few) "
    r"(?:\w+ )?questions?|i(?: have|['’]ve) (?:always )?(?:heard|read|wondered|wanted to know)"
    r"|i (?:have|had) to (?:know|ask)|i like (?:you|your)|i love (?:you|your)"
    r"|we (?:are|were) wondering|we have (?:a|another) question|i got a question",
    question=r"who|whom|whose|what|what['’]?s|when|where|why|how|which|tell me|excuse me|please"
    r"|(?:did|do|does|are|were|was|is|can|could|would|will|have|has|had) "
    r"(?:you|your|it|they|there|he|she|the|any|that|these|those|people|i)"
    r"|i (?:want|would like|wonder|wanted) to (?:know|ask|hear)|i wonder",
    own="my|our|ours|mine",
    not_own=r"(?:last |next |first |other |only )?question|goodness|god|opinion",
    number=r"zero|nought|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fourty|fifty|sixty"
    r"|seventy|eighty|ninety|hundreds?|thousands?|millions?|fourth|fifth|sixth|seventh|eighth"
    r"|ninth|tenth|eleventh|twelfth|\w+teenth|(?:twen|thir|for|fif|six|seven|eigh|nine)tieth"
    r"|hundredth|dozen",
    between="and|oh|o|nil|double|triple|treble|point|a|of|the",
    lone="one|first|second|third",
    month="january|february|march|april|may|june|july|august|september|october|november|december",
    title="mr|mrs|ms|miss|mister|dr|doctor|professor|prof|sir|lady|captain|uncle|auntie?",
)

GERMAN = Wording(
    statement=r"ich (?:bin|war|hei(?:ß|ss)e|habe|hab|hatte|wohne|lebe|komme|arbeite|mag|liebe|hasse"
    r"|fühle|nehme|leide)|mein name|nenn(?:t|en sie)? mich|man nennt mich|wir (?:sind|haben|wohnen"
    r"|kommen|hei(?:ß|ss)en)|unsere namen|das ist|das hier ist|hier ist|hier spricht",
    asking=r"ich (?:habe|hab|hätte) (?:eine|noch eine|ein paar|mal eine) fragen?"
    r"|ich habe (?:gehört|gelesen)|ich bin neugierig",
    question=r"wer|wen|wem|wessen|was|wann|wo|woher|wohin|warum|wieso|weshalb|wie|welche[rsmn]?|bitte"
    r"|(?:hast|hattest|bist|warst|kannst|konntest|magst|haben|hatten|sind|waren|können) "
    r"(?:du|sie|ihr)|erzähl(?:e|en)?|sag(?:en)?|ich (?:möchte|will|wollte) (?:wissen|fragen)",
    own="mein(?:e[rsmn]?)?|unser(?:e[rsmn]?)?",
    not_own="frage|nächste frage|letzte frage|gott|meinung",
    number=r"(?!(?:und|ein)\b)(?:null|eins|ein|zwei|zwo|drei|vier|fünf|fuenf|sechs|sieben|acht|neun"
    r"|zehn|elf|zwölf|zwoelf|sech|sieb|zwanzig|drei(?:ß|ss)ig|vierzig|fünfzig|sechzig|siebzig|achtzig"
    r"|neunzig|hundert|tausend|und)+(?:ste[nrsm]?|te[nrsm]?)?|million(?:en)?",
    between="und|komma|doppel",
    lone="ein|eine|einer|einen|erste[nrsm]?|zweite[nrsm]?|dritte[nrsm]?",
    month="januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember",
    title="herr|herrn|frau|fräulein|doktor|dr|professor|prof",
    at="at|ät|klammeraffe",
    dot="punkt",
)

FRENCH = Wording(
    statement=r"je (?:suis|m['’]appelle|vis|viens|travaille|me sens|souffre|prends)"
    r"|j['’](?:ai|avais|étais|habite|aime|adore)|mon nom|mon prénom|appelle[zs]?-moi"
    r"|on m['’]appelle|nous (?:sommes|avons|habitons|venons)|c['’]est|voici|moi c['’]est",
    asking=r"j['’]ai (?:une|une autre|encore une|quelques) questions?|j['’]ai (?:entendu|lu)"
    r"|je suis curieu(?:x|se)",
    question=r"qui|que|qu['’]est-ce|quoi|quand|où|pourquoi|comment|combien|quel(?:le)?s?|est-ce"
    r"|s['’]il vous|dis-moi|dites-moi|(?:as|avez|es|êtes|étiez|étais|peux|pouvez)[ -](?:tu|vous)"
    r"|vous (?:avez|êtes|étiez)|tu (?:as|es|étais)|je (?:veux|voudrais|voulais) savoir",
    own="mon|ma|mes|notre|nos",
    not_own="question|prochaine question|dieu|avis",
    number=r"zéro|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
    r"|vingts?|trente|quarante|cinquante|soixante|cents?|mille|millions?|\w+ième",
    between="et|un|une|virgule|double",
    lone="un|une|premier|première|second|seconde",
    month="janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
    title="monsieur|madame|mademoiselle|docteur|m|mme|mlle|dr",
    at="arobase|chez",
    dot="point",
)

SPANISH = Wording(
    statement=r"(?:yo )?(?:soy|estoy|tengo|vivo|vengo|trabajo|me llamo|me siento|sufro|tomo|era"
    r"|tenía)|mi nombre|me llaman|llámame|llámeme"
    r"|(?:nosotros )?(?:somos|tenemos|vivimos|venimos)|est[ea] es|aquí está|me (?:encanta|gusta)",
    asking=r"tengo (?:una|otra|unas|algunas) preguntas?|estoy (?:buscando|preguntando)",
    question=r"quién(?:es)?|qué|que es|cuándo|dónde|por qué|cómo|cuánt[oa]s?|cuál(?:es)?|por favor"
    r"|dime|dígame|cuéntame|(?:tuviste|eras|fuiste|puedes|tenías|has|ha) "
    r"|quiero saber|quisiera saber",
    own="mi|mis|nuestr[oa]s?",
    not_own="pregunta|próxima pregunta|dios|opinión",
    number=r"cero|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince"
    r"|dieci\w+|veint\w+|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien(?:to)?s?"
    r"|\w+cient[oa]s|quinient[oa]s|mil|millón|millones",
    between="y|un|uno|una|coma|doble|de",
    lone="un|uno|una|primer[oa]?|segund[oa]|tercer[oa]?",
    month="enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre",
    title="señor|señora|señorita|don|doña|doctor|doctora|sr|sra|srta|dr",
    at="arroba",
    dot="punto",
)

RUSSIAN = Wording(
    statement=r"меня зовут|мо[её] имя|зовите меня"
    r"|(?:я|мы) (?!(?:хочу|хотел|хотела|хотим|спрашива\w+) )\w+"
    r"|мне|нас зовут|это (?:я|мой|моя|моё|мои)|у меня|у нас",
    asking=r"у меня (?:есть )?(?:вопрос|ещё вопрос)|я хо(?:чу|тел|тела) (?:знать|узнать|спросить)"
    r"|мне интересно",
    question=r"кто|кого|что|когда|где|куда|откуда|почему|зачем|как|какой|какая|какие|какое|сколько"
    r"|пожалуйста|скажи(?:те)?|расскажи(?:те)?|(?:ты|вы) ",
    own="мо(?:й|я|ё|е|и|его|ей|ему|им|их|ю)|наш\\w*",
    not_own="вопрос|бог",
    number=r"ноль|нуля?|дв[ае]|двух|тр[ие]|тр[её]х|четыр\w+|пят\w+|шест\w+|сем[ьи]\w*|восем\w+|восьм\w+"
    r"|девят\w+|десят\w+|\w+надцат\w+|двадцат\w+|тридцат\w+|сорок\w*|сто|ста|двести|триста|\w+сот"
    r"|тысяч\w*|миллион\w*",
    between="и|целых",
    lone="один|одна|одно|перв\\w+|втор\\w+|трет\\w+",
    month="январ\\w+|феврал\\w+|март\\w*|апрел\\w+|ма[йя]|июн\\w+|июл\\w+|август\\w*|сентябр\\w+"
    "|октябр\\w+|ноябр\\w+|декабр\\w+",
    title="господин|госпожа|доктор|профессор",
    at="собака|эт",
    dot="точка",
)

WORDINGS = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH, "ru": RUSSIAN}
