# Fits implicit's ALS on clicks.csv and saves its factors for examples/audit-embeddings.mjs, as .npy:
#   node examples/audit-embeddings.mjs clicks.csv users.npy items.npy users.txt items.txt
# Needs implicit, pandas and scipy.
import implicit
import numpy
import pandas
from scipy.sparse import csr_matrix

clicks = pandas.read_csv("clicks.csv", dtype=str)
users, items = clicks["user"].astype("category").cat, clicks["item"].astype("category").cat
matrix = csr_matrix((numpy.ones(len(clicks)), (users.codes, items.codes)))
model = implicit.als.AlternatingLeastSquares(factors=64, use_gpu=False)
model.fit(matrix)
numpy.save("users.npy", model.user_factors)
numpy.save("items.npy", model.item_factors)
for name, ids in (("users.txt", users.categories), ("items.txt", items.categories)):
    with open(name, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{id}\n" for id in ids)
