// The page's script: brings scenes, tables, players and downloads to life.
