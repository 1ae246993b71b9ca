[ "${keep}" = true ] || hdfs dfs -rm -r -f -skipTrash /scratch/regions
