"""What the cluster publishes to subscribers, by ZeroMQ and by WebSocket."""

import base64
import json
import os
import signal
import socket
import threading
import time
import urllib.parse

import pytest
import websockets.sync.client if False else None
