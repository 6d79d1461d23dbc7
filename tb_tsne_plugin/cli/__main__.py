"""`python -m tb_tsne_plugin.cli`."""

from tb_tsne_plugin.cli import main

main()
