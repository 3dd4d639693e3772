#!/usr/bin/python3
"""Answers every connection to its fd 0 with its pid and a newline, as a FastCGI program would."""

import os
import socket

listener = socket.socket(fileno=0)
while True:
    connection = listener.accept()[0]
    connection.sendall(b"%d\n" % os.getpid())
    connection.close()
