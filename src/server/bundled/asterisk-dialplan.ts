/**
 * The dialplan. Every call goes to our ARI application at once; the rest is what the switch does without us.
 *
 *                 our application answers for it
 *     arrived ──► Stasis ───────────────────────► ours until it hangs up
 *                  │   ▲                             │ TIMEOUT(absolute), set by armFallback, runs out
 *      we are down ▼   │ every 4 s                   ▼
 *               music ─┘                          T: apology or nothing, then hang up
 *                  │ after 60 s                      ▲
 *                  └── apology ── hang up            └── the same for legs that we made (crosspoint-leg)
 *
 * The application gets the arguments `arrived`, the context, and the dialled extension.
 */

/** How often, and every how many seconds, a caller is offered to us again while we are down: a minute in all. */
const RETRIES = 15;
const RETRY_SECONDS = 4;
const APOLOGY = 'Playback(im-sorry&please-try-call-later)';

/** Two characters or more of anything, or one digit; single letters are Asterisk's own extensions (h, i, t …). */
const PATTERNS = ['_[0-9a-zA-Z*#+].', '_[0-9*#+]'];

function arrivals(context: string, guard: string[] = []): string {
  const steps = [
    ...guard,
    // a transfer that the phone asks for is ours to carry out, never Asterisk's own
    'Set(PJSIP_TRANSFER_HANDLING()=ari-only)',
    'Set(CROSSPOINT_TRY=0)',
    `n(try),Stasis(crosspoint,arrived,${context},\${EXTEN})`,
    'GotoIf($["${STASISSTATUS}" = "FAILED"]?wait)',
    'Hangup()',
    'n(wait),Answer()',
    'Set(CROSSPOINT_TRY=$[${CROSSPOINT_TRY} + 1])',
    `GotoIf($[\${CROSSPOINT_TRY} > ${RETRIES}]?sorry)`,
    `MusicOnHold(default,${RETRY_SECONDS})`,
    'Goto(try)',
    `n(sorry),${APOLOGY}`,
    'Hangup()',
  ];
  const extensions = PATTERNS.map((pattern) => extension(pattern, steps));
  return [`[${context}]`, 'include => crosspoint-fallback', ...extensions].join('\n');
}

/** A step is `APPLICATION(…)`, or `n(LABEL),APPLICATION(…)`. */
function extension(pattern: string, steps: string[]): string {
  const lines = steps.map((step, i) => {
    if (i === 0) return `exten => ${pattern},1,${step}`;
    return step.startsWith('n(') ? ` same => ${step}` : ` same => n,${step}`;
  });
  return lines.join('\n');
}

/**
 * Refuses what a visitor may not dial, and a second call beside the one that its ticket is for. Compared by digest: what was dialled is the caller's to choose, and must not become
 * part of an expression.
 */
const VISITOR_GUARD = [
  'GotoIf($["${MD5(${EXTEN})}" = "${MD5(${CROSSPOINT_ONLY_DIAL})}"]?allowed)',
  'Hangup(21)',
  'n(allowed),Set(GROUP(visitor)=${CHANNEL(endpoint)})',
  'GotoIf($[${GROUP_COUNT(${CHANNEL(endpoint)}@visitor)} = 1]?first)',
  'Hangup(17)',
  'n(first),NoOp()',
];

const FALLBACK = `[crosspoint-fallback]
exten => T,1,Set(TIMEOUT(absolute)=0)
 same => n,GotoIf($["\${CROSSPOINT_FALLBACK}" = "apology"]?apology)
 same => n,Hangup()
 same => n(apology),${APOLOGY}
 same => n,Hangup()
exten => h,1,NoOp()
exten => i,1,Hangup()
exten => t,1,Hangup()`;

const LEG = `[crosspoint-leg]
include => crosspoint-fallback
exten => s,1,Hangup()
exten => _X.,1,Hangup()`;

/** The text of extensions.conf. */
export function dialplan(): string {
  const general = '[general]\nstatic = yes\nwriteprotect = yes\nclearglobalvars = yes';
  const contexts = [
    arrivals('public'),
    arrivals('trunk'),
    arrivals('device'),
    arrivals('visitor', VISITOR_GUARD),
  ];
  return `${[general, FALLBACK, LEG, ...contexts].join('\n\n')}\n`;
}
