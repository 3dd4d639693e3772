"""XML-RPC to a daemon, over TCP or a unix socket, keeping the raw bytes of the last answer."""

import http.client
import socket
import xmlrpc.client

TIMEOUT_SECONDS = 60


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Transport(xmlrpc.client.Transport):
    """One kept-alive connection; a unix path wins over the host in the URL."""

    def __init__(self, unix_path=None):
        super().__init__()
        self.unix_path = unix_path
        self.raw = b""

    def make_connection(self, host):
        if self._connection and host == self._connection[0]:
            return self._connection[1]
        name, self._extra_headers, _ = self.get_host_info(host)
        connection = (UnixConnection(self.unix_path) if self.unix_path
                      else http.client.HTTPConnection(name, timeout=TIMEOUT_SECONDS))
        self._connection = host, connection
        return connection

    def parse_response(self, response):
        self.raw = response.read()
        parser, unmarshaller = self.getparser()
        parser.feed(self.raw)
        parser.close()
        return unmarshaller.close()


class Proxy(xmlrpc.client.ServerProxy):
    def __init__(self, unix_path=None, port=None, user=None, password=None):
        credentials = f"{user}:{password}@" if user else ""
        self.transport = Transport(unix_path)
        where = f"{credentials}127.0.0.1:{port}" if port else f"{credentials}localhost"
        super().__init__(f"http://{where}/RPC2", transport=self.transport)

    def call(self, method, *arguments):
        return getattr(self, method)(*arguments)
