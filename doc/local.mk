EXTRA_DIST += %D%/architecture.md %D%/protocol.md %D%/compatibility.md %D%/examples/demo.conf %D%/examples/demo.sh
