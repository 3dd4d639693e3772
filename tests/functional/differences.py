"""Where reeved, or reevectl, may answer otherwise than Supervisor does: the whole list.

An entry names the steps it is for (a pattern over their labels), says what is accepted there given
(what Supervisor said, what we said), and why.
"""

import re


class Difference:
    def __init__(self, label, accepts, why):
        self.label = label
        self.accepts = accepts
        self.why = why


def http_500_became_a_fault(expected, got):
    return expected == "HTTP 500" and re.match(r"fault (2|3|10) ", got)


def without(key):
    """The same but for one more member in each struct."""
    pattern = re.compile(rf"\n? *'{key}': [^,\n]*,?")
    return lambda expected, got: normal(pattern.sub("", got)) == normal(pattern.sub("", expected))


def normal(text):
    return re.sub(r"\s+", " ", text)


def the_same_methods_are_there(expected, got):
    """More methods may be listed, of Supervisor's none may be missing."""
    return set(re.findall(r"'(\w+\.\w+)'", expected)) <= set(re.findall(r"'(\w+\.\w+)'", got))


def tagged_lines(text):
    """(tag, type, name) of the @param and @return lines in a method's help."""
    joined = "".join(re.findall(r"""['"](.*)['"]""", text)).replace("\\n", "\n")
    return [(tag, kind) for tag, kind in re.findall(r"@(param|return) +(\w+)", joined)]


def the_help_has_the_same_types(expected, got):
    return tagged_lines(expected) == tagged_lines(got)


def left_column(text):
    """Of `help COMMAND` only the syntax before the tabs is fixed, the description is free."""
    return [line.split("\t")[0].rstrip() for line in text.splitlines() if "\t" in line]


def the_syntax_is_the_same(expected, got):
    return left_column(expected) == left_column(got)


def both_begin_with(*words):
    return lambda expected, got: all(word in expected and word in got for word in words)


def generic_error(expected, got):
    """Supervisorctl prints a Python class there; of that only the word and the status can be kept."""
    def shape(text):
        return re.sub(r"error: .*", "error:", text)
    return shape(expected) == shape(got)


RPC = [
    Difference("*", http_500_became_a_fault,
               "Supervisor answers HTTP 500 when a parameter has the wrong type, and when its own "
               "code fails; reeved refuses it with a fault"),
    Difference("supervisor.getAllConfigInfo()", without("autorestart"),
               "the member came with Supervisor 4.4"),
    Difference("system.listMethods()", the_same_methods_are_there, "reeved has more of them"),
    Difference("system.methodHelp*", the_help_has_the_same_types,
               "the prose is our own, the types are the interface"),
    Difference("supervisor.getSupervisorVersion()", lambda _, got: re.fullmatch(r"'\S+'", got),
               "the version is the implementation's"),
    Difference("supervisor.startProcess*", lambda expected, got: (
        expected.startswith("fault 21") and got.startswith("fault 21")
        and "No closing quotation" in got),
               "the quoting of the command in this text follows a Python function"),
]

CTL = [
    Difference("version*", lambda _, got: re.fullmatch(r"status 0\n\S+\n", got),
               "the version is the implementation's"),
]

# What reevectl may do otherwise than supervisorctl, beside the above.
REEVECTL = [
    Difference("help *", the_syntax_is_the_same, "the descriptions are our own"),
    Difference("help", both_begin_with("status 0", "avail", "shutdown", "version"),
               "there are more commands, hence other columns"),
    Difference("*", generic_error, "the text after `error:` is that of a Python exception"),
    Difference("-*", lambda expected, got: expected.split("\n", 1)[0] == got.split("\n", 1)[0]
               and "--help" in expected and "--help" in got,
               "the usage text is our own"),
]
