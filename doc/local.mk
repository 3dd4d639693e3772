man_MANS += %D%/reeved.8
EXTRA_DIST += %D%/reeved.8 %D%/architecture.md %D%/compatibility.md %D%/examples/demo.conf %D%/examples/demo.sh
