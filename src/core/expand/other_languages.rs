//! Names from Jinja2, Python, Liquid, Handlebars and JavaScript, with their replacements.

/// The filters that templates support.
pub(super) const FILTERS: [&str; 39] = [
    "abs",
    "attr",
    "bool",
    "capitalize",
    "count",
    "default",
    "dictsort",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "times",
    "title",
    "trim",
    "unique",
    "upper",
];

/// The tests that templates support.
pub(super) const TESTS: [&str; 25] = [
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "false",
    "float",
    "ge",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
];

/// The statements that templates support.
pub(super) const STATEMENTS: [&str; 13] =
    ["if", "elif", "else", "endif", "for", "endfor", "set", "endset", "with", "endwith", "filter", "endfilter", "raw"];

/// Returns the replacement for a filter, method or function. `X` is the value, `ARG` its arguments, and `«2|5»` the
/// second argument, or 5 if there is none.
pub(super) fn filter_for(name: &str) -> Option<&'static str> {
    Some(match name {
        "upcase" | "uppercase" | "toUpperCase" | "to_upper" | "ucase" => "write `{{ X | upper }}`",
        "downcase" | "lowercase" | "toLowerCase" | "to_lower" | "casefold" => "write `{{ X | lower }}`",
        "titleize" | "titlecase" | "title_case" | "titleCase" | "startcase" => "write `{{ X | title }}`",
        "capitalise" | "capfirst" | "ucfirst" | "capitalizeFirst" => "write `{{ X | capitalize }}`",
        "strip" | "lstrip" | "rstrip" | "trimStart" | "trimEnd" | "strip_newlines" | "squish" => {
            "write `{{ X | trim }}`"
        }
        "size" | "len" | "strlen" => "write `{{ X | length }}`",
        "wordcount" | "number_of_words" => "write `{{ X | split | length }}`",
        "to_s" | "str" | "toString" | "stringify" => "write `{{ X | string }}`",
        "to_i" | "to_int" | "toInt" | "parseInt" | "integer" | "number" => "write `{{ X | int }}`",
        "floor" => "write `{{ (X // 1) | int }}`",
        "to_f" | "to_float" | "toFloat" | "parseFloat" | "decimal" => "write `{{ X | float }}`",
        "ceil" => "write `{{ (-(-X // 1)) | int }}`",
        "toFixed" => "write `{{ '%.«1|0»f' | format(X | float) }}`",
        "fallback" | "if_empty" | "or" | "nvl" | "coalesce" | "default_if_none" => {
            "write `{{ X | default(«1|'…'», true) }}`"
        }
        "append" | "concat" | "add" | "push" => "join texts with `~`: `{{ X ~ «1|'…'» }}`",
        "prepend" => "join texts with `~`: `{{ «1|'…'» ~ X }}`",
        "plus" | "increment" => "write `{{ X | int + «1|1» }}`",
        "minus" | "subtract" | "decrement" => "write `{{ X | int - «1|1» }}`",
        "multiply" | "multiplied_by" | "mul" => "write `{{ X | int | times(«1|2») }}`",
        "divided_by" | "divide" | "div" => "write `{{ X | int // «1|2» }}`, or `/` with a fraction",
        "modulo" | "mod" => "write `{{ X | int % «1|2» }}`",
        "at_least" => "write `{{ [X | int, «1|1»] | max }}`",
        "at_most" => "write `{{ [X | int, «1|1»] | min }}`",
        "remove" | "cut" | "remove_first" => "write `{{ X | replace(«1|'…'», '') }}`",
        "replace_first" | "replaceAll" | "gsub" | "sub" | "regex_replace" => {
            "write `{{ X | replace(«1|'a'», «2|'b'») }}`"
        }
        "truncate" | "limit" => "write `{{ X[:«1|20»] }}`",
        "truncatewords" => "write `{{ (X | split)[:«1|5»] | join(' ') }}`",
        "substring" | "slice" => "write `{{ X[«1|0»:«2|»] }}`",
        "substr" => "write `{{ X[«1|0»:][:«2|»] }}`",
        "newline_to_br" | "nl2br" | "linebreaks" | "strip_html" | "striptags" | "escape_once" | "xmlattr"
        | "markdownify" | "markdown" | "wordwrap" | "center" => {
            "leave it out: a text is spoken, so it has neither markup nor a layout"
        }
        "date" | "strftime" | "datetimeformat" | "dateformat" | "datetime" | "date_to_string" | "now" | "today"
        | "moment" | "formatDate" | "time" | "isoformat" => {
            "a template has no dates and no clock, so equal manifests stay equal videos: write the date into `vars` or a \
             column, as the avatar must say it"
        }
        "currency"
        | "money"
        | "number_with_delimiter"
        | "number_format"
        | "formatNumber"
        | "intcomma"
        | "filesizeformat"
        | "numberformat" => {
            "write the number as the avatar says it into a column, or `{{ '%.2f' | format(X | float) }}`"
        }
        "zfill" => "write `{{ '%0«1|3»d' | format(X | int) }}`",
        "padStart" | "pad" => "write `{{ '%«1|3»s' | format(X) | replace(' ', «2|' '») }}`",
        "rjust" => "write `{{ '%«1|3»s' | format(X) }}`",
        "ljust" => "write `{{ '%-«1|3»s' | format(X) }}`",
        "sort_natural" | "sorted" | "sort_by" | "sortBy" => "write `{{ X | sort | join(', ') }}`",
        "uniq" => "write `{{ X | unique | join(', ') }}`",
        "group_by" | "groupBy" => "write `{% for name, items in X | groupby(«1|'…'») %}`",
        "where" | "where_exp" | "filter" => "write `{% for item in X | selectattr(«1|'name'», 'eq', «2|'value'») %}`",
        "compact" => "write `{{ X | select | join(', ') }}`",
        "pluck" | "collect" => "write `{{ X | map(attribute=«1|'name'») | join(', ') }}`",
        "reversed" => "write `{{ X | reverse | join(', ') }}`",
        "startswith" | "startsWith" | "starts_with" => "write `{% if X is startingwith(ARG) %}`",
        "endswith" | "endsWith" | "ends_with" => "write `{% if X is endingwith(ARG) %}`",
        "contains" | "includes" | "include" | "has" | "indexOf" | "find" => "write `{% if ARG in X %}`",
        "get" | "lookup" | "fetch" => "write `{{ X[«1|'…'»] | default(«2|''») }}`",
        "keys" => "write `{{ X | list | join(', ') }}`",
        "values" => "write `{% for name, value in X | items %}`",
        "isdigit" | "isnumeric" => "write `{% if X | int(-1) >= 0 %}`",
        "enumerate" => "write `{% for item in X %}` and `{{ loop.index }}`",
        "random" | "shuffle" | "sample" => "a template has no random values, so equal manifests stay equal videos",
        "tojson" | "json" | "to_json" | "jsonify" | "dump" | "pprint" | "inspect" | "dumps" => {
            "write each value by its name, such as `{{ vars.name }}`"
        }
        "sum" | "batch" | "chain" | "zip" => "calculate it where the data is made: this filter is not available",
        "urlencode" | "url_encode" | "cgi_escape" | "b64encode" | "md5" | "sha1" | "urlize" => {
            "write the complete URL into `vars` or a column"
        }
        "i18n" | "t" | "translate" | "gettext" | "_" => "write `{{ vars.words[matrix.locale] }}`",
        _ => return None,
    })
}

/// Returns the replacement for a test.
pub(super) fn test_for(name: &str) -> Option<&'static str> {
    Some(match name {
        "startswith" | "starts_with" => "write `is startingwith('…')`",
        "endswith" | "ends_with" => "write `is endingwith('…')`",
        "empty" | "blank" => "write `not …`, which is true of an empty text or list",
        "present" | "filled" => "write the name alone: an empty text or list is false",
        "null" | "nil" | "None" => "write `is none`, or `is not defined` for a column that a row lacks",
        "set" | "exists" | "undef" => "write `is defined`",
        "contains" | "containing" => "write `'…' in …`",
        "numeric" | "digit" => "write `is number`; a cell is text until `| int`",
        "equals" | "equal" | "is" => "write `==`",
        "list" | "array" => "write `is sequence`",
        "dict" | "object" => "write `is mapping`",
        _ => return None,
    })
}

/// Returns the replacement for a statement of Liquid, Twig or Jinja2.
pub(super) fn statement_for(name: &str) -> Option<&'static str> {
    Some(match name {
        "assign" | "let" | "var" => "write `{% set x = … %}`",
        "capture" => "write `{% set x %}` and end it with `{% endset %}`",
        "endcapture" => "write `{% endset %}`",
        "unless" => "write `{% if not … %}` and end it with `{% endif %}`",
        "endunless" | "endcase" | "endswitch" | "fi" | "end" => "write `{% endif %}`",
        "elsif" | "elseif" | "elsif_" | "when" => "write `{% elif … %}`",
        "case" | "switch" => "write `{% if … %}`, `{% elif … %}` and `{% endif %}`",
        "foreach" | "each" | "tablerow" => "write `{% for item in … %}` and end it with `{% endfor %}`",
        "endforeach" | "endeach" | "done" => "write `{% endfor %}`",
        "comment" => "write a comment as `{# … #}`",
        "endcomment" => "end a comment with `#}`",
        "echo" | "print" | "liquid" => "write `{{ … }}`",
        "increment" | "decrement" | "cycle" => "within a loop use `{{ loop.index }}`",
        "render" | "partial" | "use" => {
            "a template cannot include another; put the text into `vars` or into the script file"
        }
        "break" | "continue" => "choose the items in the loop: `{% for item in … if … %}`",
        "verbatim" => "write `{% raw %}` and end it with `{% endraw %}`",
        "trans" | "blocktrans" => "write `{{ vars.words[matrix.locale] }}`",
        _ => return None,
    })
}
