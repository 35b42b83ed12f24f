import { DARK, LIGHT, type Palette } from './palette.ts';

const properties = (palette: Palette) =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

const each = (names: readonly string[], rule: (name: string) => string) => names.map(rule).join('');
const TONE_NAMES = Array.from({ length: 8 }, (_, index) => `c${index + 1}`);
const SHADE_NAMES = ['s', 'v'].flatMap((letter) => Array.from({ length: 7 }, (_, index) => `${letter}${index}`));

const TEXT = `
*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
.page{max-width:1240px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 6px}h2{font-size:1.2rem;margin:44px 0 8px;padding-top:12px;border-top:1px solid var(--line)}h3{font-size:1rem;line-height:1.35;margin:0}
p{max-width:75ch;margin:6px 0}small{color:var(--dim);font-size:.82em}a{color:var(--c1)}:focus-visible{outline:2px solid var(--c1);outline-offset:2px;border-radius:2px}
nav{font-size:.9rem;margin:12px 0 0}nav ul{display:flex;flex-wrap:wrap;gap:0 14px;margin:0;padding:0;list-style:none}nav a{display:inline-block;padding:4px 0}
footer{margin-top:44px;padding-top:12px;border-top:1px solid var(--line);color:var(--dim);font-size:.87rem}
.dim,.how,.note,.key,.empty{color:var(--dim)}.how,.note,.key{font-size:.87rem}.how b{font-weight:600}.empty{font-style:italic}
.answer{font-size:1.1rem;max-width:80ch;margin:14px 0;padding:12px 16px;border-left:4px solid var(--c1);background:var(--soft)}.answer p{max-width:none}.answer .more{font-size:.9rem;color:var(--dim)}.answer p:first-child{margin-top:0}.answer p:last-child{margin-bottom:0}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin:10px 0;padding:0;list-style:none}.chips li{border:1px solid var(--line);border-radius:99px;padding:1px 10px;font-size:.87rem}
.good{color:var(--good)}.warn,.flag{color:var(--warn)}.bad{color:var(--bad)}.chips .good,.chips .warn,.chips .bad{border-color:currentColor}
.banner{background:var(--warnbg);border:1px solid var(--warn);border-radius:6px;padding:10px 14px;margin:14px 0}.banner.bad{color:var(--fg);background:var(--badbg);border-color:var(--bad)}.banner>b{color:var(--warn)}.banner.bad>b{color:var(--bad)}.banner ul{margin:4px 0 0;padding-left:20px}
dl{display:grid;grid-template-columns:minmax(110px,max-content) 1fr;gap:2px 14px;margin:6px 0 12px;font-size:.9rem}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
pre,code{font:.85rem/1.45 ui-monospace,SFMono-Regular,Menlo,monospace}pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:10px 12px;overflow-x:auto;margin:8px 0}
details{border:1px solid var(--line);border-radius:6px;margin:8px 0;padding:0 12px}summary{cursor:pointer;padding:8px 0;font-weight:600}summary span{font-weight:400;color:var(--dim)}
details.data{border:0;padding:0;margin:4px 0 0}details.data summary{width:fit-content;font-size:.87rem;font-weight:400;color:var(--dim);padding:4px 0}
`;

const TABLES = `
.scroll{overflow-x:auto;margin:8px 0;border:1px solid var(--line);border-radius:6px}table{border-collapse:separate;border-spacing:0;width:100%;font-size:.9rem}
caption{caption-side:bottom;position:sticky;left:0;text-align:left;color:var(--dim);font-size:.87rem;padding:6px 10px}figure caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);padding:0}
th,td{padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}tbody tr:last-child>*{border-bottom:0}td{white-space:nowrap}td[data-v],th.n{text-align:right}td small{display:block;white-space:normal}
td:not([data-v]){white-space:normal;min-width:8em;max-width:28em;overflow-wrap:anywhere}td.none{color:var(--dim);text-align:right}
thead th{background:var(--soft);font-weight:600;vertical-align:bottom;white-space:nowrap}tbody th{font-weight:400;min-width:7em;max-width:min(24em,42vw);overflow-wrap:anywhere}tbody th small{display:block}@media (min-width:900px){tbody th{min-width:14em}}
tr>:first-child{position:sticky;left:0;background:var(--bg);z-index:1}thead tr>:first-child{background:var(--soft)}tr.marked>*,tr.marked>:first-child{background:var(--soft)}
th button{all:unset;cursor:pointer;font:inherit;font-weight:600}th button:focus-visible{outline:2px solid var(--c1);outline-offset:2px}th button::after{content:"↕";opacity:.35;margin-left:4px;font-size:.85em}th[aria-sort=ascending] button::after{content:"↑";opacity:1}th[aria-sort=descending] button::after{content:"↓";opacity:1}
`;

const FIGURES = `
figure{margin:22px 0 0;min-width:0}.beside figure{margin:0}.beside{margin-top:22px}.panels,.beside{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,350px),1fr));gap:18px 24px}.panels{margin:10px 0}.beside>*{min-width:0}.beside .panels{grid-template-columns:1fr}.panel{min-width:0}.panel-title{margin:0 0 4px;line-height:1.35;font-size:.93rem}.panel-title span{color:var(--dim)}
.panel svg{width:100%;max-width:440px;height:auto;display:block;color:var(--fg)}svg text{paint-order:stroke;stroke:var(--bg);stroke-width:3.5px;stroke-linejoin:round;fill:currentColor;font:11.5px system-ui,-apple-system,"Segoe UI",sans-serif}
svg .tick,svg .val{fill:var(--dim)}svg .tick,svg .val,svg .in,svg .on{font-size:10.5px}svg .end,svg .val{text-anchor:end}svg .mid{text-anchor:middle}svg .flag{fill:var(--warn)}svg .limit{fill:var(--bad)}
${each(TONE_NAMES, (name) => `.${name}{--c:var(--${name})}`)}
.grid{stroke:var(--line);fill:none}.ref{stroke:var(--fg);stroke-dasharray:3 3;fill:none}.trend{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:6 3;fill:none}.leader{stroke:var(--dim);stroke-width:.7;fill:none;opacity:.6}
.mark,.est{fill:var(--c)}.mark{stroke:var(--bg);stroke-width:.6}.bare{fill:var(--bg);stroke:var(--c);stroke-width:2}.hollow{fill:var(--bg);stroke:var(--c);stroke-width:1.6}
.iv{stroke:var(--c);stroke-width:2.5}.arrow{fill:var(--c)}.error{stroke:var(--c);stroke-width:1;opacity:.55;fill:none}.raw{fill:none;stroke:var(--dim);stroke-width:1}.flagged{fill:none;stroke:var(--warn);stroke-width:1.5}
.line,.mark.line{stroke:var(--c);stroke-width:1.8;fill:none}.join{stroke:var(--c);stroke-width:1;fill:none;opacity:.45}.band{fill:var(--c);opacity:.17;stroke:none}.front{stroke:var(--fg);stroke-width:1.2;fill:none}.on-front{stroke:var(--fg);stroke-width:1.4}
.d1{stroke-dasharray:7 3}.d2{stroke-dasharray:2 2.5}.d3{stroke-dasharray:8 3 2 3}.bar{fill:var(--c);stroke:var(--bg);stroke-width:.8}svg .in{fill:var(--bg);stroke:none}.expected{fill:var(--fg);opacity:.14}
${each(SHADE_NAMES, (name) => `.tile.${name}{fill:var(--${name})}svg .on.${name}{fill:var(--${name}t)}`)}.tile{stroke:none}.tile.none{fill:none;stroke:var(--line)}svg .on{stroke:none}svg .on.none{fill:var(--dim)}
.key{display:flex;flex-wrap:wrap;gap:4px 16px;margin:4px 0;padding:0;list-style:none}.sign{vertical-align:-1px;margin-right:3px;overflow:visible}.sign text{font-size:9.5px}
`;

const PRINT = `
@media (max-width:600px){.page{padding:16px 12px 40px}th,td{padding:5px 7px}h1{font-size:1.35rem}dl{grid-template-columns:1fr}dt{margin-top:4px}.panel svg{max-width:none}}
@media print{:root{color-scheme:light;${properties(LIGHT)};--fg:#000;--dim:#444}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}nav,th button::after{display:none}.page{max-width:none;padding:0}body{font-size:10.5pt}.scroll{overflow:visible;border:0}tr>:first-child,caption{position:static}th,td{padding:3px 5px;font-size:8.5pt;white-space:normal}tr,.banner,.panel,.answer{break-inside:avoid}h2,h3,.how,figcaption{break-after:avoid}.panels,.beside{grid-template-columns:repeat(2,1fr)}details{border:0;padding:0}details::details-content{content-visibility:visible;block-size:auto}pre{white-space:pre-wrap}}
`;

/** The one style sheet of a page: colours are custom properties for light, dark and paper. */
export const STYLE = `:root{color-scheme:light dark;${properties(LIGHT)}}@media (prefers-color-scheme:dark){:root{${properties(DARK)}}}${TEXT}${TABLES}${FIGURES}${PRINT}`;
