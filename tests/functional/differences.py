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


def both(expected_pattern, our_pattern):
    """Accepts exactly such a pair of answers."""
    return lambda expected, got: bool(re.fullmatch(expected_pattern, expected)
                                      and re.fullmatch(our_pattern, got))


def normal(text):
    return re.sub(r"\s+", " ", text)


def config_info(expected, got):
    """One more member in each struct, and 'auto' where Supervisor remembers an earlier file."""
    known = re.sub(r"'(stdout|stderr)_logfile': '[^']*---supervisor-RANDOM.log'",
                   r"'\1_logfile': 'auto'", normal(expected))
    ours = normal(re.sub(r"'autorestart': [^,\n]*,\s*", "", got))
    ours = re.sub(r"'(stdout|stderr)_logfile': '[^']*---supervisor-RANDOM.log'",
                  r"'\1_logfile': 'auto'", ours)
    return known == ours


def first_of_its_name(expected, got):
    """The same but for a struct that is there twice."""
    def structs(text):
        return list(dict.fromkeys(re.findall(r"\{[^}]*\}", normal(text))))
    first = structs(expected)
    return structs(got) == first[:1] and all("'group': 'p'" in item for item in first)


def the_same_methods_are_there(expected, got):
    """More methods may be listed, of Supervisor's none may be missing."""
    def names(text):
        return set(re.findall(r"'(\w+\.\w+)'", text))
    return names(expected) <= names(got)


def the_help_has_the_same_types(expected, got):
    def tagged_lines(text):
        joined = "".join(re.findall(r"""['"](.*)['"]""", text)).replace("\\n", "\n")
        return re.findall(r"@(param|return) +(\w+)", joined)
    return tagged_lines(expected) == tagged_lines(got)


def multicall_faults(expected, got):
    """The same results but for the words that follow the name of fault 2."""
    def plain(text):
        return normal(re.sub(r"""(INCORRECT_PARAMETERS)(: params is no array)""", r"\1", text))
    return plain(expected) == plain(got)


def the_syntax_is_the_same(expected, got):
    """Of usage texts the part before the tabs is fixed, the description is free."""
    def fixed(text):
        return [line.split("\t")[0].rstrip() for line in text.splitlines()
                if not line.startswith(("\t", "Note:"))]
    return "\t" in expected and fixed(expected) == fixed(got)


def generic_error(expected, got):
    """Supervisorctl prints a Python class there; only the word and the status can be kept."""
    def shape(text):
        return re.sub(r"error: .*", "error:", text)
    return "error: " in expected and shape(expected) == shape(got)


def words_on_both_sides(*words):
    return lambda expected, got: all(word in expected and word in got for word in words)


def more_commands(expected, got):
    """The same but for the lists of commands that Supervisor leaves to Supvisors, and of our own."""
    block = r"(?ms)^\n(supvisors|reeve) commands \(type help <topic>\):\n=+\n.*?\n\n"
    return expected == re.sub(block, "", got)


def our_usage(expected, got):
    return expected.split("\n", 1)[0] == got.split("\n", 1)[0] and (
        "--help" in expected and "--help" in got)


RPC = [
    Difference("*", both(r"HTTP 500", r"fault (2|3|10) .*"),
               "Supervisor answers HTTP 500 when a parameter has the wrong type, and when its own "
               "code fails; reeved refuses with a fault"),
    Difference("*", both(r"fault 2 'INCORRECT_PARAMETERS'", r"fault 2 .INCORRECT_PARAMETERS: .*"),
               "reeved says which parameter"),
    Difference("supervisor.*ProcessGroup(18)",
               both(r"fault 10 'BAD_NAME: 18'", r"fault 2 .INCORRECT_PARAMETERS: .*"),
               "a number is no name"),
    Difference("supervisor.sendRemoteCommEvent('running', 18)",
               both(r"True", r"fault 2 .INCORRECT_PARAMETERS: .*"), "a number is no text"),
    Difference("supervisor.stopProcess('unknown')",
               both(r"(?s)fault 30 'FAILED: unknown problem killing unknown \(\d+\):Traceback.*"
                    r"PermissionError: (\[Errno 1\] Operation not permitted).n'",
                    r"fault 30 'FAILED: unknown problem killing unknown \(\d+\):"
                    r"\[Errno 1\] Operation not permitted'"),
               "Supervisor says where in its own code that was"),
    Difference("supervisor.getAllConfigInfo()", config_info,
               "autorestart came with Supervisor 4.4; a group that was removed has no log file in "
               "reeved, while Supervisor remembers the name of the one it had"),
    Difference("system.listMethods()", the_same_methods_are_there, "reeved has more of them"),
    Difference("system.methodHelp*", the_help_has_the_same_types,
               "the prose is our own, the types are the interface"),
    Difference("system.multicall(*'params': *", multicall_faults, "reeved says what is wrong"),
    Difference("system.multicall([[]{'methodName': 1}])",
               both(r"(?s).*'faultCode': 30.*AttributeError.*",
                    r"(?s).*'INCORRECT_PARAMETERS: No methodName'.*"),
               "Supervisor's own code fails there"),
]

# What a configuration may come to otherwise, beside the above.
CONFIG = [
    Difference("*getAllConfigInfo", config_info, "as above"),
    Difference("*process_name=a%%(process_num)d*getAllConfigInfo", first_of_its_name,
               "processes of one name are one in reeved, already here"),
    Difference("*process_name=%(numprocs)d*getAllConfigInfo", first_of_its_name, "likewise"),
    Difference("*[[]program:p]*[[]eventlistener:p]*reloadConfig",
               both(r".*'p', 'p'.*", r".*\['p'\].*"), "groups of one name are one, too"),
    Difference("*[[]program:p]*[[]eventlistener:p]*getAllConfigInfo", first_of_its_name, "likewise"),
    Difference("*stdout_logfile=\\n' getAllConfigInfo",
               lambda expected, got: got == expected.replace("'stdout_logfile': ''",
                                                             "'stdout_logfile': 'none'"),
               "an empty name is none; Supervisor tells the two apart here only"),
    Difference("*environment=A=%(nosuch)s' reloadConfig",
               lambda expected, got: got == expected.replace(", here", ", here, host_node_name"),
               "host_node_name is known here since Supervisor 4.4"),
    Difference("*[[]rpcinterface:x]*nosuch* reloadConfig",
               both(r".*cannot be resolved within \[rpcinterface:x\].*", r"\[\[.*\]\]"),
               "plugins in Python are said to be ignored"),
]

CTL = []

# What reevectl may do otherwise than supervisorctl, beside the above.
REEVECTL = [
    Difference("*", the_syntax_is_the_same, "the descriptions are our own"),
    Difference("*", more_commands, "the commands of Supvisors are there too"),
    Difference("*", generic_error, "the text after `error:` is that of a Python exception"),
    Difference("help", words_on_both_sides("status 0", "avail", "shutdown", "version"),
               "there are more commands, hence other columns"),
    Difference("-*", our_usage, "the usage text is our own"),
    Difference("-s https:*", lambda expected, got: "Unknown protocol" in expected,
               "reevectl speaks https"),
    Difference("*-p wrong <<<*", words_on_both_sides("status 0\nServer requires authentication\n",
                                                     "Username:", "Password:"),
               "how Python asks for a password without a terminal"),
]
