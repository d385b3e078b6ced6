package store

import (
	"encoding/binary"

	"github.com/hashicorp/go-memdb"
)

// indexID is memdb's name for the primary index.
const indexID = "id"

// A by indexes rows of type *R by the bytes it computes of them. It costs
// neither the reflection nor the extra copies of memdb's own indexers.
type by[R any] func(row *R) []byte

// FromObject implements memdb.SingleIndexer.
func (f by[R]) FromObject(row any) (bool, []byte, error) { return true, f(row.(*R)), nil }

// FromArgs implements memdb.Indexer: the key is given as it is stored.
func (f by[R]) FromArgs(args ...any) ([]byte, error) { return args[0].([]byte), nil }

// PrefixFromArgs implements memdb.PrefixIndexer.
func (f by[R]) PrefixFromArgs(args ...any) ([]byte, error) { return args[0].([]byte), nil }

// text is an id as an index holds it: ended, so that none is another's prefix.
func text[S ~string](id S) []byte { return append([]byte(id), 0) }

// ascending is a number as an index holds it: in its own order.
func ascending(dst []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(dst, n) }

// unique describes an index in which each row has a key of its own.
func unique[R any](name string, key by[R]) *memdb.IndexSchema {
	return &memdb.IndexSchema{Name: name, Unique: true, Indexer: key}
}

func table(name string, indexes ...*memdb.IndexSchema) *memdb.TableSchema {
	t := &memdb.TableSchema{Name: name, Indexes: map[string]*memdb.IndexSchema{}}
	for _, i := range indexes {
		t.Indexes[i.Name] = i
	}
	return t
}

// firstTxn returns the row under a key, or nil, and what is closed when the
// answer changes.
func firstTxn[R any](txn *memdb.Txn, table, index string, key []byte) (<-chan struct{}, *R) {
	watch, row, err := txn.FirstWatch(table, index, key)
	if err != nil {
		panic(err) // tables and indexes are constants
	}
	if row == nil {
		return watch, nil
	}
	return watch, row.(*R)
}

// eachTxn calls f with the rows whose key in index begins with prefix, in the
// order of the index, until f says stop. f may write: the iterator stands on
// the tree as it was.
func eachTxn[R any](txn *memdb.Txn, table, index string, prefix []byte, f func(*R) (more bool)) {
	rows, err := txn.Get(table, index+"_prefix", prefix)
	eachRow(rows, err, f)
}

// eachFromTxn is eachTxn for the rows whose key is from or comes behind it.
func eachFromTxn[R any](txn *memdb.Txn, table, index string, from []byte, f func(*R) (more bool)) {
	rows, err := txn.LowerBound(table, index, from)
	eachRow(rows, err, f)
}

func eachRow[R any](rows memdb.ResultIterator, err error, f func(*R) (more bool)) {
	if err != nil {
		panic(err) // tables and indexes are constants
	}
	for row := rows.Next(); row != nil; row = rows.Next() {
		if !f(row.(*R)) {
			return
		}
	}
}

// putTxn inserts or replaces a row, which must not be changed any more.
func putTxn[R any](txn *memdb.Txn, table string, row *R) {
	if err := txn.Insert(table, row); err != nil {
		panic(err) // every row has the keys its table asks for
	}
}

// dropTxn deletes a row that is there.
func dropTxn[R any](txn *memdb.Txn, table string, row *R) {
	if err := txn.Delete(table, row); err != nil {
		panic(err) // it was read in this transaction
	}
}
